package selection

import "testing"

// Every method gives places out in its own way; in a strict order first.
func TestMethods(t *testing.T) {
	// X thinks most of cid, Y of ana: all are better off with what the other
	// likes less.
	opposed := `
		ana X70 Y90
		bob X80 Y80
		cid Y70 X90`
	tell(t, map[string]telling{
		"deferred acceptance: nobody stands before somebody at a place they wanted more": {MethodDeferred, TiedID, "X:1 Y:1", opposed, nil, `
			ana: X3 no_place_left 90, Y1 placed
			cid: Y3 no_place_left 90, X1 placed
			bob: X2 waits 1 no_place_left 90, Y2 waits 1 no_place_left 90`},
		"first choices first: a first wish goes before any points": {MethodFirstChoice, TiedID, "X:1 Y:1", `
			ana X60
			bob Z90 X90
			cid Z95
			`, func(in *Input) { in.place("Z:1") }, `
			cid: Z1 placed
			bob: Z2 waits 1 no_place_left 95, X2 waits 1 lost_round 60
			ana: X1 placed`},
		"list: everybody in turn": {MethodList, TiedID, "X:1 Y:1", `
			ana X70 Y70
			bob X80 Y80
			cid Y75 X75`, nil, `
			bob: X1 placed, Y1 placed_at_better_choice
			cid: Y2 placed, X2 placed_at_better_choice
			ana: X3 waits 1 no_place_left 80, Y3 waits 1 no_place_left 75`},
		"lottery: points do not count, classes do": {MethodLottery, TiedID, "X:2", `
			ana X99
			bob X10
			cid X50 class=1
			dan X20`, nil, `
			ana: X1 placed
			dan: X2 placed
			bob: X3 waits 1 lost_lot 20
			cid: X4 waits 2 lost_class 20`},
		"first come": {MethodFirstCome, TiedID, "X:1", `
			ana X99 came=3
			bob X10 came=1
			cid X50 came=1`, nil, `
			bob: X1 placed
			cid: X2 waits 1 lost_id 10
			ana: X3 waits 2 lost_arrival 10`},
		"hardest first: the place most asked for is filled first": {MethodHardest, TiedID, "X:1 Y:1", `
			ana Y80 X80
			bob X70`, nil, `
			ana: Y1 placed_elsewhere_before, X1 placed
			bob: X2 waits 1 no_place_left 80`},
		"hardest first: shared places that went before": {MethodHardest, TiedID, "X:1 Y:1", `
			ana X70
			bob X60
			cid Y90`, func(in *Input) { in.place("Q:1=XY") }, `
			cid: Y1 waits 1 no_places_offered of Q elsewhere
			ana: X1 placed
			bob: X2 waits 1 no_place_left 70 of X`},
		"by hand": {MethodByHand, TiedID, "X:1 Y:1", `
			ana X90 hand=Y Y90
			bob X70 hand=X
			cid X80`, nil, `
			ana: X1 by_hand, Y1 placed
			cid: X2 waits 1 by_hand
			bob: X3 placed`},
	})
}

// What decides between equal points at the last place.
func TestTies(t *testing.T) {
	three := `
		ana X70 tie=1
		bob X80 tie=0
		cid X80 tie=0
		dan X90 tie=0`
	tell(t, map[string]telling{
		"id": {MethodDeferred, TiedID, "X:2", three, nil, `
			dan: X1 placed
			bob: X2 placed
			cid: X3 waits 1 lost_id 80
			ana: X4 waits 2 no_place_left 80`},
		"lot": {MethodDeferred, TiedLot, "X:2", three, nil, `
			dan: X1 placed
			bob: X2 placed
			cid: X3 waits 1 lost_lot 80
			ana: X4 waits 2 no_place_left 80`},
		"chain": {MethodDeferred, TiedID, "X:2", `
			ana X80 tie=1
			bob X80 tie=2
			cid X90 tie=0`, nil, `
			cid: X1 placed
			bob: X2 placed
			ana: X3 waits 1 lost_tie 80`},
		"refuse": {MethodDeferred, TiedRefuse, "X:2", three, nil, `
			dan: X1 placed
			bob: X2 waits 1 tied_refused
			cid: X3 waits 2 tied_refused
			ana: X4 waits 3 tied_refused_above`},
		"refuse, all fit": {MethodDeferred, TiedRefuse, "X:3", three, nil, `
			dan: X1 placed
			bob: X2 placed
			cid: X3 placed
			ana: X4 waits 1 no_place_left 80`},
		"admit": {MethodDeferred, TiedAdmit, "X:2", three, nil, `
			dan: X1 placed
			bob: X2 placed
			cid: X3 placed
			ana: X4 waits 1 no_place_left 80`},
		"admit, none begin": {MethodDeferred, TiedAdmit, "X:1", three, nil, `
			dan: X1 placed
			bob: X2 waits 1 no_place_left 90
			cid: X3 waits 2 no_place_left 90
			ana: X4 waits 3 no_place_left 90`},
	})
}

// Each method has ties of its own kind.
func TestTiedGroupsOfOtherMethods(t *testing.T) {
	tell(t, map[string]telling{
		"refuse on the list: equal in points and chain": {MethodList, TiedRefuse, "X:1 Y:1", `
			ana X80 Y80
			bob X80 Y80
			cid X70 Y70`, nil, `
			ana: X1 waits 1 tied_refused, Y1 waits 1 tied_refused
			bob: X2 waits 2 tied_refused, Y2 waits 2 tied_refused
			cid: X3 waits 3 tied_refused_above, Y3 waits 3 tied_refused_above`},
		"admit on the list": {MethodList, TiedAdmit, "X:1 Y:1", `
			ana X80 Y80
			bob X80 Y80
			cid X80 Y80
			dan X70 Y70`, nil, `
			ana: X1 placed, Y1 placed_at_better_choice
			bob: X2 placed, Y2 placed_at_better_choice
			cid: X3 placed, Y3 placed_at_better_choice
			dan: X4 no_place_left 80, Y4 placed`},
		"first choices first, refuse: a round is no tie": {MethodFirstChoice, TiedRefuse, "X:1 Y:1", `
			ana X80
			bob Y90 X80
			cid Y95`, nil, `
			cid: Y1 placed
			bob: Y2 waits 1 no_place_left 95, X2 waits 1 lost_round 80
			ana: X1 placed`},
		"first choices first, admit": {MethodFirstChoice, TiedAdmit, "X:1", `
			ana X80
			bob X80
			cid X70`, nil, `
			ana: X1 placed
			bob: X2 placed
			cid: X3 waits 1 no_place_left 80`},
		"first come, refuse: together": {MethodFirstCome, TiedRefuse, "X:2", `
			ana X1 came=1
			bob X2 came=2
			cid X3 came=2`, nil, `
			ana: X1 placed
			bob: X2 waits 1 tied_refused
			cid: X3 waits 2 tied_refused`},
		"first come, admit": {MethodFirstCome, TiedAdmit, "X:2", `
			ana X1 came=1
			bob X2 came=2
			cid X3 came=2
			dan X3 came=3`, nil, `
			ana: X1 placed
			bob: X2 placed
			cid: X3 placed
			dan: X4 waits 1 lost_arrival 3`},
		"hardest first, refuse": {MethodHardest, TiedRefuse, "X:2 Y:1", `
			ana X90
			bob X80 Y80
			cid X80
			dan X70`, nil, `
			ana: X1 placed
			bob: X2 tied_refused, Y1 placed
			cid: X3 waits 1 tied_refused
			dan: X4 waits 2 tied_refused_above`},
		"hardest first, admit": {MethodHardest, TiedAdmit, "X:2", `
			ana X90
			bob X80
			cid X80
			dan X70`, nil, `
			ana: X1 placed
			bob: X2 placed
			cid: X3 placed
			dan: X4 waits 1 no_place_left 80`},
	})
}

// Guaranteed shares, rounded up, while the group has anyone left.
func TestShares(t *testing.T) {
	half := func(in *Input) { in.Shares = []Share{{"A", 50}} }
	people := `
		ana X90
		bob X80
		cid X70 share=A
		dan X60 share=A
		eva X50 share=A`
	tell(t, map[string]telling{
		"at a destination": {MethodDeferred, TiedID, "X:3", people, half, `
			ana: X2 placed
			bob: X4 waits 1 lost_share 60
			cid: X1 placed
			dan: X3 placed
			eva: X5 waits 2 no_place_left 60`},
		"over the whole list": {MethodList, TiedID, "X:3", people, half, `
			cid: X1 placed
			ana: X2 placed
			dan: X3 placed
			bob: X4 waits 1 lost_share 60
			eva: X5 waits 2 no_place_left 60`},
		"nobody of the group left": {MethodList, TiedID, "X:4", `
			ana X90
			bob X80
			cid X70 share=A`, half, `
			cid: X1 placed
			ana: X2 placed
			bob: X3 placed`},
		"the earlier share first": {MethodDeferred, TiedID, "X:2", `
			ana X90
			bob X80 share=B
			cid X70 share=A
			dan X60 share=A`, func(in *Input) { in.Shares = []Share{{"A", 60}, {"B", 50}} }, `
			ana: X4 waits 2 lost_share 60
			bob: X3 waits 1 lost_share 60
			cid: X1 placed
			dan: X2 placed`},
		"hardest first": {MethodHardest, TiedID, "X:1 Y:1", `
			ana X90 Y90
			bob X80
			cid X70 share=A`, half, `
			ana: X2 lost_share 70, Y1 placed
			bob: X3 waits 1 lost_share 70
			cid: X1 placed`},
		"with grants": {MethodList, TiedID, "X:1 Y:2", `
			ana Y90
			bob Y80
			cid X70 share=A
			dan X60 share=A`, func(in *Input) {
			half(in)
			in.Money = []Pool{{ID: id('m', 1), Free: 2}}
		}, `
			cid (with grant): X1 placed
			ana (with grant): Y1 placed
			dan: X2 waits 1 no_place_left 70
			bob (without grant): Y2 placed`},
	})
}

// Quotas within quotas.
func TestQuotas(t *testing.T) {
	tell(t, map[string]telling{
		"a partner's quota goes to the best of those its destinations keep": {MethodDeferred, TiedID, "X:2 Y:1 Z:1 Q:2=XY", `
			ana X70 Z10
			bob X90
			cid Y80 Z20
			dan Y95`, nil, `
			dan: Y1 placed
			bob: X1 placed
			cid: Y2 no_place_left 95 of Y, Z1 placed
			ana: X2 waits 1 no_place_left 90 of Q, Z2 waits 1 no_place_left 20`},
		"a unit's quota": {MethodDeferred, TiedID, "X:2 U:1=X/law", `
			ana X90 law
			bob X80 law
			cid X70`, nil, `
			ana: X1 placed
			bob: X2 waits 1 no_place_left 90 of U
			cid: X3 placed`},
		"a full year draws on both terms": {MethodList, TiedID, "X:1 Y:1 S:1=XY", `
			ana X90
			bob Y80`, nil, `
			ana: X1 placed
			bob: Y1 waits 1 no_place_left 90 of S elsewhere`},
		"refused as a group by the partner": {MethodDeferred, TiedRefuse, "X:1 Y:1 Q:1=XY", `
			ana X80
			bob Y80`, nil, `
			ana: X1 waits 1 tied_refused
			bob: Y1 waits 1 tied_refused`},
		"admitted as a group by the partner": {MethodDeferred, TiedAdmit, "X:1 Y:1 Q:1=XY", `
			ana X80
			bob Y80
			cid Y70`, nil, `
			ana: X1 placed
			bob: Y1 placed
			cid: Y2 waits 1 no_place_left 80 of Y`},
		"hardest first: a unit's tied group does not keep the others out": {MethodHardest, TiedRefuse, "X:3 U:1=X/law", `
			ana X90 law
			bob X90 law
			cid X90
			dan X70`, nil, `
			ana: X1 waits 1 tied_refused
			bob: X2 waits 2 tied_refused
			cid: X3 placed
			dan: X4 placed`},
		"money for those of a unit": {MethodList, TiedID, "X:4", `
			ana X90 law
			bob X80 law
			cid X70
			dan X60`, func(in *Input) {
			in.Money = []Pool{{ID: id('m', 1), Free: 2}, {ID: id('m', 2), Free: 1, Group: "law"}}
		}, `
			ana (with grant): X1 placed
			bob (without grant): X2 placed
			cid (with grant): X3 placed
			dan (without grant): X4 placed`},
	})
}

// Who takes part, and who waits.
func TestTakingPart(t *testing.T) {
	tell(t, map[string]telling{
		"gated, excluded": {MethodDeferred, TiedID, "X:1 Y:1", `
			ana X! Y90
			bob X80 excluded
			cid X70 Y95`, nil, `
			cid: X1 placed, Y1 placed_at_better_choice
			ana: X gated, Y2 placed
			bob: X excluded`},
		"classes before points": {MethodDeferred, TiedID, "X:1", `
			ana X1/90
			bob X0/50`, nil, `
			ana: X2 waits 1 lost_class 50
			bob: X1 placed`},
		"no reserve": {MethodDeferred, TiedID, "X:1", `
			ana X90
			bob X50`, func(in *Input) { in.NoReserve = true }, `
			ana: X1 placed
			bob: X2 no_place_left 90`},
		"a short reserve": {MethodDeferred, TiedID, "X:1", `
			ana X90
			bob X50
			cid X40`, func(in *Input) { in.ReserveLimit = 1 }, `
			ana: X1 placed
			bob: X2 waits 1 no_place_left 90
			cid: X3 no_place_left 90`},
		"no places": {MethodDeferred, TiedID, "X:0 Y:1", `
			ana X90 Y90
			bob X50`, nil, `
			ana: X1 no_places_offered, Y1 placed
			bob: X2 waits 1 no_places_offered`},
		"nobody": {MethodHardest, TiedAdmit, "X:1", `ana`, nil, `
			ana`},
	})
}
