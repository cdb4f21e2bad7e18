package selection

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"

	"github.com/google/uuid"
	"github.com/shopspring/decimal"
)

// The canonical form is JSON Lines: a header, then one line per row, sorted
// by id. It is what hashes are taken of and what is stored, so its field
// names are part of Engine.

type inputHeader struct {
	Format       string    `json:"format"`
	Method       Method    `json:"method"`
	Tied         TiePolicy `json:"ties"`
	Seed         string    `json:"seed,omitempty"`
	NoReserve    bool      `json:"no_reserve,omitempty"`
	ReserveLimit int       `json:"reserve_limit,omitempty"`
	Shares       []Share   `json:"shares,omitempty"`
	Pools        int       `json:"pools"`
	Money        int       `json:"money,omitempty"`
	Destinations int       `json:"destinations"`
	Applicants   int       `json:"applicants"`
}

type poolLine struct {
	Pool  uuid.UUID `json:"pool"`
	Free  int       `json:"free"`
	Group string    `json:"group,omitempty"`
}

type destinationLine struct {
	Destination uuid.UUID   `json:"destination"`
	Pools       []uuid.UUID `json:"pools"`
	Minimum     int         `json:"minimum,omitempty"`
}

type applicantLine struct {
	Applicant uuid.UUID         `json:"applicant"`
	Name      string            `json:"name,omitempty"`
	Class     int               `json:"class,omitempty"`
	Points    decimal.Decimal   `json:"points"`
	Ties      []decimal.Decimal `json:"ties,omitempty"`
	Group     string            `json:"group,omitempty"`
	Quotas    []string          `json:"quotas,omitempty"`
	Arrived   int64             `json:"arrived,omitempty"`
	Hand      uuid.UUID         `json:"hand,omitzero"`
	Excluded  string            `json:"excluded,omitempty"`
	Wishes    []Wish            `json:"wishes"`
}

const inputFormat = "peregrine-selection-input/2"

// WriteInput writes the canonical form of in to w: the same bytes whatever
// the order of its rows. Gates of destinations nobody chose are left out.
func WriteInput(w io.Writer, in Input) error {
	enc := json.NewEncoder(w)
	enc.SetEscapeHTML(false)
	header := inputHeader{
		Format: inputFormat, Method: in.Method, Tied: in.Tied, Seed: in.Seed, NoReserve: in.NoReserve, ReserveLimit: in.ReserveLimit,
		Shares: in.Shares, Pools: len(in.Pools), Money: len(in.Money), Destinations: len(in.Destinations), Applicants: len(in.Applicants),
	}
	if err := enc.Encode(header); err != nil {
		return err
	}
	for _, pools := range [][]Pool{in.Pools, in.Money} {
		for _, i := range byID(pools, func(p Pool) uuid.UUID { return p.ID }) {
			if err := enc.Encode(poolLine{pools[i].ID, pools[i].Free, pools[i].Group}); err != nil {
				return err
			}
		}
	}
	for _, i := range byID(in.Destinations, func(d Destination) uuid.UUID { return d.ID }) {
		d := in.Destinations[i]
		pools := slices.Clone(d.Pools)
		slices.SortFunc(pools, compareIDs)
		if err := enc.Encode(destinationLine{d.ID, pools, d.Minimum}); err != nil {
			return err
		}
	}
	for _, i := range byID(in.Applicants, func(a Applicant) uuid.UUID { return a.ID }) {
		if err := enc.Encode(lineOf(in.Applicants[i])); err != nil {
			return err
		}
	}
	return nil
}

func lineOf(a Applicant) applicantLine {
	line := applicantLine{
		Applicant: a.ID, Name: a.Name, Class: a.Class, Points: a.Points, Ties: a.Ties, Group: a.Group, Quotas: slices.Sorted(slices.Values(a.Quotas)),
		Arrived: a.Arrived, Hand: a.Hand, Excluded: a.Excluded, Wishes: a.Wishes,
	}
	if line.Wishes == nil {
		line.Wishes = []Wish{}
	}
	return line
}

// byID returns the indices of rows in ascending order of id.
func byID[T any](rows []T, id func(T) uuid.UUID) []int {
	out := make([]int, len(rows))
	for i := range out {
		out[i] = i
	}
	slices.SortFunc(out, func(a, b int) int { return compareIDs(id(rows[a]), id(rows[b])) })
	return out
}

// ReadInput reads what WriteInput wrote. Anything else is an error.
func ReadInput(r io.Reader) (Input, error) {
	dec := json.NewDecoder(r)
	dec.DisallowUnknownFields()
	var h inputHeader
	if err := dec.Decode(&h); err != nil {
		return Input{}, fmt.Errorf("selection input: %w", err)
	}
	if h.Format != inputFormat {
		return Input{}, fmt.Errorf("selection input: format %q is not %q", h.Format, inputFormat)
	}
	in := Input{Method: h.Method, Tied: h.Tied, Seed: h.Seed, NoReserve: h.NoReserve, ReserveLimit: h.ReserveLimit, Shares: h.Shares}
	err := errors.Join(
		readLines(dec, h.Pools, func(l poolLine) { in.Pools = append(in.Pools, Pool{l.Pool, l.Free, l.Group}) }),
		readLines(dec, h.Money, func(l poolLine) { in.Money = append(in.Money, Pool{l.Pool, l.Free, l.Group}) }),
		readLines(dec, h.Destinations, func(l destinationLine) {
			in.Destinations = append(in.Destinations, Destination{l.Destination, l.Pools, l.Minimum})
		}),
		readLines(dec, h.Applicants, func(l applicantLine) { in.Applicants = append(in.Applicants, l.applicant()) }),
	)
	if err != nil {
		return Input{}, fmt.Errorf("selection input: %w", err)
	}
	if dec.More() {
		return Input{}, errors.New("selection input: more rows than announced")
	}
	return in, nil
}

func (l applicantLine) applicant() Applicant {
	return Applicant{
		ID: l.Applicant, Name: l.Name, Class: l.Class, Points: l.Points, Ties: l.Ties, Group: l.Group, Quotas: l.Quotas,
		Arrived: l.Arrived, Hand: l.Hand, Excluded: l.Excluded, Wishes: l.Wishes,
	}
}

func readLines[T any](dec *json.Decoder, count int, use func(T)) error {
	for range count {
		var line T
		if err := dec.Decode(&line); err != nil {
			return err
		}
		use(line)
	}
	return nil
}

type resultHeader struct {
	Format       string    `json:"format"`
	Engine       string    `json:"engine"`
	Method       Method    `json:"method"`
	Tied         TiePolicy `json:"ties"`
	Entries      int       `json:"entries"`
	Destinations int       `json:"destinations"`
}

const resultFormat = "peregrine-selection-result/2"

// WriteResult writes the canonical form of r to w.
func WriteResult(w io.Writer, r Result) error {
	enc := json.NewEncoder(w)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(resultHeader{resultFormat, r.Engine, r.Method, r.Tied, len(r.Entries), len(r.Destinations)}); err != nil {
		return err
	}
	for i := range r.Entries {
		if err := enc.Encode(&r.Entries[i]); err != nil {
			return err
		}
	}
	for i := range r.Destinations {
		if err := enc.Encode(&r.Destinations[i]); err != nil {
			return err
		}
	}
	return nil
}

// ReadResult reads what WriteResult wrote.
func ReadResult(r io.Reader) (Result, error) {
	dec := json.NewDecoder(r)
	dec.DisallowUnknownFields()
	var h resultHeader
	if err := dec.Decode(&h); err != nil {
		return Result{}, fmt.Errorf("selection result: %w", err)
	}
	if h.Format != resultFormat {
		return Result{}, fmt.Errorf("selection result: format %q is not %q", h.Format, resultFormat)
	}
	out := Result{Engine: h.Engine, Method: h.Method, Tied: h.Tied}
	err := errors.Join(
		readLines(dec, h.Entries, func(e Entry) { out.Entries = append(out.Entries, e) }),
		readLines(dec, h.Destinations, func(f Figures) { out.Destinations = append(out.Destinations, f) }),
	)
	if err != nil {
		return Result{}, fmt.Errorf("selection result: %w", err)
	}
	if dec.More() {
		return Result{}, errors.New("selection result: more rows than announced")
	}
	return out, nil
}

// Canonical returns the canonical bytes of r.
func Canonical(r Result) []byte {
	var b bytes.Buffer
	_ = WriteResult(&b, r) // a buffer takes everything, and every field can be written
	return b.Bytes()
}

// Hash returns SHA-256, in hex, of the input's canonical form.
func Hash(in Input) string {
	h := sha256.New()
	_ = WriteInput(h, in) // a hash takes everything
	return hex.EncodeToString(h.Sum(nil))
}

// HashResult returns SHA-256, in hex, of the result's canonical form: what a
// publisher has seen and publishes (design rule 4).
func HashResult(r Result) string {
	h := sha256.New()
	_ = WriteResult(h, r)
	return hex.EncodeToString(h.Sum(nil))
}
