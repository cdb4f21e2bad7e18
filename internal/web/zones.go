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

// farZones are where people of European universities may be meanwhile.
var farZones = []string{
	"Africa/Accra", "Africa/Cairo", "Africa/Casablanca", "Africa/Johannesburg", "Africa/Lagos", "Africa/Nairobi", "Africa/Tunis", "America/Anchorage",
	"America/Argentina/Buenos_Aires", "America/Bogota", "America/Chicago", "America/Denver", "America/Halifax", "America/Havana", "America/Lima", "America/Los_Angeles",
	"America/Mexico_City", "America/New_York", "America/Santiago", "America/Sao_Paulo", "Asia/Almaty", "Asia/Baku", "Asia/Bangkok", "Asia/Dhaka", "Asia/Dubai",
	"Asia/Ho_Chi_Minh", "Asia/Hong_Kong", "Asia/Jakarta", "Asia/Jerusalem", "Asia/Kathmandu", "Asia/Kolkata", "Asia/Manila", "Asia/Seoul", "Asia/Shanghai", "Asia/Singapore",
	"Asia/Taipei", "Asia/Tashkent", "Asia/Tbilisi", "Asia/Tehran", "Asia/Tokyo", "Asia/Yerevan", "Australia/Adelaide", "Australia/Brisbane", "Australia/Perth",
	"Australia/Sydney", "Pacific/Auckland", "Pacific/Honolulu",
}

// zoneOptions lists zones to choose from: those near at hand first, then the
// others by name.
func zoneOptions(near []string, more ...string) []page.Option {
	var out []page.Option
	for _, zone := range slices.Concat(near, more, europeanZones) {
		if zone != "" && !slices.ContainsFunc(out, func(o page.Option) bool { return o.Value == zone }) {
			out = append(out, page.Option{Value: zone, Label: zone})
		}
	}
	return out
}
