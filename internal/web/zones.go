package web

import (
	"slices"

	"peregrine/internal/web/page"
)

// europeanZones are offered beside the zones a call has to do with: where
// hosts and applicants of European programmes are.
var europeanZones = []string{
	"Atlantic/Azores", "Atlantic/Canary", "Atlantic/Reykjavik", "Europe/Amsterdam", "Europe/Athens", "Europe/Belgrade", "Europe/Berlin", "Europe/Bratislava",
	"Europe/Brussels", "Europe/Bucharest", "Europe/Budapest", "Europe/Copenhagen", "Europe/Dublin", "Europe/Helsinki", "Europe/Istanbul", "Europe/Kyiv", "Europe/Lisbon",
	"Europe/Ljubljana", "Europe/London", "Europe/Luxembourg", "Europe/Madrid", "Europe/Malta", "Europe/Oslo", "Europe/Paris", "Europe/Prague", "Europe/Riga", "Europe/Rome",
	"Europe/Skopje", "Europe/Sofia", "Europe/Stockholm", "Europe/Tallinn", "Europe/Vienna", "Europe/Vilnius", "Europe/Warsaw", "Europe/Zagreb", "Europe/Zurich", "UTC",
}

// zoneOptions lists the zones a deadline can be told in: those of the call
// first, then the others by name.
func zoneOptions(near []string, more ...string) []page.Option {
	var out []page.Option
	for _, zone := range slices.Concat(near, more, europeanZones) {
		if zone != "" && !slices.ContainsFunc(out, func(o page.Option) bool { return o.Value == zone }) {
			out = append(out, page.Option{Value: zone, Label: zone})
		}
	}
	return out
}
