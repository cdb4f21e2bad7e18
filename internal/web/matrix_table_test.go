package web

// row is one route with what each reader gets there.
type row struct {
	pattern string
	// want has a letter for each reader: nobody; the applicant whose file it
	// is, another applicant; coordinator, coordinator of another faculty,
	// assessor; officer, administrator, operator; officer of the host, officer
	// and administrator of a third institution; coordinator and officer with a
	// conflict of interest. Who comes by a host's link is nobody there. Pages
	// of links have letters for links alone, and are unknown to the others: on
	// a known device, on another, of another host, revoked, expired.
	want  string
	with  string // values of the path that are this row's own; "/": what follows it
	send  string // query or form
	blind bool   // answers alike for what there is not
}

// outcomeOf is what became of a request, as the table writes it.
type outcomeOf byte

const (
	letIn     outcomeOf = '+' // shown, led on, or refused by a rule of the thing itself
	signsIn   outcomeOf = 's' // led to the door, or asked to sign in and send again
	forbidden outcomeOf = 'f' // is not for this role, whether or not there is such a thing
	denied    outcomeOf = 'd' // the same, for those who may know of it
	notFound  outcomeOf = 'n'
	conflict  outcomeOf = 'c'
	broken    outcomeOf = '!'
)

const (
	everyone = "+ ++ +++ +++ ++ ++"
	insiders = "s ++ +++ +++ ++ ++" // all who are signed in
)

// routes is the whole product: who may what, row by row. What somebody may
// send is sent last, in this order.
var routes = []row{
	{pattern: "GET /assets/", want: everyone, with: "/={style}"},
	{pattern: "GET /healthz", want: everyone},
	{pattern: "GET /readyz", want: "! !! !!! !!! !! !!"}, // the clock of the tests is far from the database's
	{pattern: "/", want: "n nn nnn nnn nn nn", with: "/=nothing"},
	{pattern: "GET /accessibility", want: everyone},
	{pattern: "GET /calls", want: everyone},
	{pattern: "GET /calls/{call}", want: everyone},
	{pattern: "GET /calls/{call}/register", want: everyone},
	{pattern: "GET /help", want: everyone},
	{pattern: "GET /help/lifecycles/{name}", want: everyone},
	{pattern: "GET /sign-in", want: everyone},
	{pattern: "GET /sign-in/code/{id}", want: everyone, with: "id={asked}", blind: true},
	{pattern: "GET /sign-in/link/{token}", want: "c cc ccc ccc cc cc"},
	{pattern: "GET /{$}", want: everyone},
	{pattern: "GET /account", want: insiders},
	{pattern: "GET /account/calendar", want: insiders},
	{pattern: "GET /calendar", want: "s ff +++ ++f ++ ++"},
	{pattern: "GET /calendar/{file}", want: "n nn nnn nnn nn nn", with: "file=nobody.ics"},
	{pattern: "GET /applications/{id}/moves/{move}", want: "s +n cnc ccn cn nn", with: "move=withdraw"},
	{pattern: "GET /applications/{id}/moves/{move}", want: "s cn cnc +cn cn nn", with: "move=record_acceptance"},
	{pattern: "GET /applications/{id}/moves/{move}", want: "s cn cnc ccn +n nn", with: "move=accept"},
	{pattern: "GET /documents/{id}", want: "s +n +n+ ++n +n nn", with: "id={document}"},
	{pattern: "GET /letters/{id}", want: "s +n nnn nnn nn nn", with: "id={letter}"},
	{pattern: "GET /applications/{id}", want: "s +n nnn nnn nn nn"},
	{pattern: "GET /applications/{id}/check", want: "s +n nnn nnn nn nn"},
	{pattern: "GET /applications/{id}/appeal", want: "s +n nnn nnn nn nn"},
	{pattern: "GET /applications/{id}/edit", want: "s +n nnn nnn nn nn"},
	{pattern: "GET /me", want: insiders},
	{pattern: "GET /work", want: "s ff +++ ++f ++ ++"},
	{pattern: "GET /office/applications/{id}", want: "s ff +n+ ++f nn nn"},
	{pattern: "GET /office/calls", want: "s ff +++ ++f ++ ++"},
	{pattern: "GET /office/calls/{call}", want: "s ff +++ ++f nn ++"},
	{pattern: "GET /office/applications/{id}/vetoes/{gate}", want: "s ff nnn nnf nn nn", with: "gate=dean"},
	{pattern: "GET /office/applications/{id}/placement", want: "s ff fff ++f nn fn"},
	{pattern: "GET /office/applications/{id}/conflict", want: "s ff +n+ ++f nn nn"},
	{pattern: "GET /office/calls/{call}/assessors", want: "s ff ++f ++f nn ++"},
	{pattern: "GET /office/calls/{call}/candidates", want: "s ff +++ ++f nn ++", send: "q=Zdis"},
	{pattern: "GET /office/calls/{call}/candidates", want: "s ff +++ ++f nn ++", send: "sort=points"},
	{pattern: "GET /office/calls/{call}/candidates.csv", want: "s ff +++ ++f nn ++"},
	{pattern: "GET /office/calls/{call}/marks", want: "s ff +++ ++f nn ++"},
	{pattern: "GET /office/calls/{call}/marks/changes", want: "s ff +++ ++f nn ++", send: "files={id}"},
	{pattern: "GET /office/calls/{call}/ranking", want: "s ff +++ ++f nn ++"},
	{pattern: "GET /office/calls/{call}/appeals", want: "s ff +++ ++f nn ++"},
	{pattern: "GET /office/appeals/{appeal}", want: "s ff nnn ++f nn nn"},
	{pattern: "GET /office/letters/{letter}", want: "s ff +n+ ++f nn nn"},
	{pattern: "GET /office/people", want: "s ff +++ ++f ++ ++", send: "q=Zdis"},
	{pattern: "GET /office/rankings/{ranking}", want: "s ff +++ ++f nn ++"},
	{pattern: "GET /office/rankings/{ranking}/letters/{application}", want: "s ff +n+ ++f nn nn"},
	{pattern: "GET /host-office", want: "s ff fff ++f ++ f+"},
	{pattern: "GET /host-office/{call}", want: "s ff fff nnf +n fn"},
	{pattern: "GET /host-office/{call}/answer", want: "s ff fff nnf +n fn", send: "n={nomination}&move=accept"},
	{pattern: "GET /host-office/{call}/answered", want: "s ff fff nnf +n fn", send: "n={nomination}"},
	{pattern: "GET /host-office/{call}/documents/{document}", want: "s ff fff nnf +n fn"},
	{pattern: "GET /office/calls/{call}/destinations", want: "s ff fff ++f nn f+"},
	{pattern: "GET /office/calls/{call}/destinations/add", want: "s ff fff ++f nn f+"},
	{pattern: "GET /office/calls/{call}/destinations/{destination}", want: "s ff fff ++f nn f+"},
	{pattern: "GET /office/calls/{call}/destinations/{destination}/change", want: "s ff fff ++f nn f+"},
	{pattern: "GET /office/calls/{call}/destinations/{destination}/drop", want: "s ff fff ++f nn f+"},
	{pattern: "GET /office/calls/{call}/nominations", want: "s ff fff ++f nn f+"},
	{pattern: "GET /office/calls/{call}/open", want: "s ff fff ccf nn fc"},
	{pattern: "GET /office/calls/{call}/pools/{pool}", want: "s ff fff ++f nn f+"},
	{pattern: "GET /office/deadlines/{deadline}", want: "s ff fff ++f nn f+"},
	{pattern: "GET /office/letters", want: "s ff fff ++f ++ f+", send: "status=all"},
	{pattern: "GET /office/people/{person}", want: "s ff fff ++f nn fn"},
	{pattern: "GET /office/rankings/{ranking}/held/{application}", want: "s ff fff ccf nn fn"},
	{pattern: "GET /office/rankings/{ranking}/variants", want: "s ff fff ++f nn fd"},
	{pattern: "GET /office/calls/{call}/rules", want: "s ff +++ ++f nn ++"},
	{pattern: "GET /office/calls/{call}/rules/selection", want: "s ff +++ ++f nn ++"},
	{pattern: "GET /office/calls/{call}/amendments/{amendment}", want: "s ff fff +df nn f+"},
	{pattern: "GET /office/variants/{variant}", want: "s ff fff ++f nn fn"},
	{pattern: "GET /office/variants/{variant}/moves.csv", want: "s ff fff ++f nn fn"},
	{pattern: "GET /office/variants/{variant}/moves.xlsx", want: "s ff fff ++f nn fn"},
	{pattern: "GET /office/rankings/{ranking}/provisional", want: "s ff fff ccf nn fc"},
	{pattern: "GET /office/applications/{id}/correct", want: "s ff fff ++f nn fn"},
	{pattern: "GET /office/rankings/{ranking}/publish", want: "s ff fff ccf nn fc"},
	{pattern: "GET /admin/calls/{call}/version", want: "s ff fff f+f fn ff"},
	{pattern: "GET /admin/lifecycles", want: "s ff fff f+f f+ ff"},
	{pattern: "GET /admin/lifecycles/{definition}", want: "s ff fff f+f f+ ff"},
	{pattern: "GET /admin/roles", want: "s ff fff f+f f+ ff"},
	{pattern: "GET /admin/units", want: "s ff fff f+f f+ ff"},
	{pattern: "/jobs/", want: "s ff fff ff+ ff ff"},
	{pattern: "GET /host/{token}", want: "+++nn"},
	{pattern: "GET /host/{token}/answer", want: "++cnn", send: "n={nomination}&move=accept"},
	{pattern: "GET /host/{token}/answered", want: "+++nn", send: "n={nomination}"},
	{pattern: "GET /host/{token}/documents/{document}", want: "+nnnn"},
	{pattern: "GET /demo", want: everyone},
	{pattern: "GET /demo/clock", want: everyone},
	{pattern: "GET /demo/inbox", want: everyone},
	{pattern: "GET /demo/inbox/{id}", want: everyone, with: "id={mail}"},
	{pattern: "GET /demo/inbox/{id}/html", want: everyone, with: "id={mail}"},
	{pattern: "GET /demo/inbox/{id}/raw", want: everyone, with: "id={mail}"},
	{pattern: "GET /styleguide", want: everyone},

	{pattern: "POST /calls/{call}/register", want: everyone},
	{pattern: "POST /language", want: everyone, send: "lang=en"},
	{pattern: "POST /sign-in", want: everyone},
	{pattern: "POST /sign-in/code/{id}", want: everyone, with: "id={asked}"},
	{pattern: "POST /sign-in/link/{token}", want: everyone},
	{pattern: "POST /sign-out", want: everyone},
	{pattern: "POST /account/calendar", want: insiders},
	{pattern: "POST /account/calendar/end", want: insiders},
	{pattern: "POST /session/stay", want: insiders},
	{pattern: "POST /account/sign-out-everywhere", want: insiders},
	{pattern: "POST /applications/{id}/appeal", want: "s +n nnn nnn nn nn", send: "reason=x"},
	{pattern: "POST /office/appeals/{appeal}/assigned", want: "s ff fff +df nn fn", send: "to={officer}"},
	{pattern: "POST /office/appeals/{appeal}/answer", want: "s ff nnn +df nn nn", send: "act=do&decision=refused&answer=x"},
	{pattern: "POST /applications/{id}/appeals/{appeal}/withdrawn", want: "s +n nnn ddn nn nn"},
	{pattern: "POST /office/applications/{id}/correct", want: "s ff fff +df nn fn", send: "act=look&reason=x&correction=mark:{mark}&points=1"},
	{pattern: "POST /office/rankings/{ranking}/approved", want: "s ff fff +df nn f+", send: "hash={hash}"},
	{pattern: "POST /office/rankings/{ranking}/provisional", want: "s ff fff +df nn f+", send: "hash={hash}"},
	{pattern: "POST /applications/{id}/edit", want: "s +n nnn nnn nn nn"},
	{pattern: "POST /calls/{call}/rounds/{round}/start", want: "s ++ ddd ddd dd dd"}, // who does not study here
	{pattern: "POST /office/applications/{id}/marks", want: "s ff +n+ +df nn nn", send: "m.letter=5"},
	{pattern: "POST /office/applications/{id}/comments", want: "s ff +n+ +df nn nn", send: "committee=x"},
	{pattern: "POST /office/applications/{id}/assessors", want: "s ff +nd ++f nn nn", send: "assessor={person}"},
	{pattern: "POST /office/applications/{id}/vetoes/{gate}", want: "s ff nnn nnf nn nn", with: "gate=dean", send: "stand=no"},
	{pattern: "POST /office/applications/{id}/placement", want: "s ff fff +df nn fn", send: "reason=x"},
	{pattern: "POST /office/applications/{id}/conflict", want: "s ff dnd ++f nn nn", send: "person={person}"},
	{pattern: "POST /office/calls/{call}/assessors/look", want: "s ff ccf ccf nn cc", send: "how=even"},
	{pattern: "POST /office/calls/{call}/assessors", want: "s ff ccd ccf nn cc", send: "how=even"},
	{pattern: "POST /office/calls/{call}/assessing", want: "s ff fff ++f nn f+", send: "assessors_see=unit"},
	{pattern: "POST /office/calls/{call}/marks", want: "s ff +n+ +df nn nn", send: "m.{id}.letter=5"},
	{pattern: "POST /office/calls/{call}/marks/cell", want: "s ff +n+ +df nn nn", send: "cell={id}.letter&points=5"},
	{pattern: "POST /office/registrations/{registration}", want: "s ff +nd ++f nn ++", send: "answer=refuse"},
	{pattern: "POST /office/calls/{call}/destinations/add/look", want: "s ff fff +df nn f+", send: "agreement={agreement}"},
	{pattern: "POST /office/calls/{call}/destinations/add", want: "s ff fff +df nn f+", send: "agreement={agreement}"},
	{pattern: "POST /office/calls/{call}/destinations/{destination}/change/look", want: "s ff fff +df nn f+", send: "reason=x&language=de&places=1"},
	{pattern: "POST /office/calls/{call}/destinations/{destination}/change", want: "s ff fff +df nn f+", send: "reason=x&language=de&places=1"},
	{pattern: "POST /office/calls/{call}/destinations/{destination}/drop/look", want: "s ff fff +df nn f+", send: "reason=x"},
	{pattern: "POST /office/calls/{call}/destinations/{destination}/drop", want: "s ff fff +df nn f+", send: "reason=x"},
	{pattern: "POST /office/calls/{call}/nominations", want: "s ff fff ++f nn f+", send: "pick={id}"},
	{pattern: "POST /office/calls/{call}/nominations/ask", want: "s ff fff ++f nn f+", send: "pick={id}"},
	{pattern: "POST /office/calls/{call}/open", want: "s ff fff ++f dd f+"}, // the call is open: everybody knows it
	{pattern: "POST /office/calls/{call}/pools/{pool}", want: "s ff fff ++f nn f+", send: "number=1&rule=correction&why=x"},
	{pattern: "POST /office/calls/{call}/ranking", want: "s ff fff +df nn f+"},
	{pattern: "POST /office/calls/{call}/links/{link}/revoked", want: "s ff fff ++f dn f+"},
	{pattern: "POST /office/deadlines/{deadline}", want: "s ff fff ++f nn f+", send: "wall={tomorrow}&reason=x&version=1"},
	{pattern: "POST /office/letters/{letter}/again", want: "s ff fff ++f nn fn"},
	{pattern: "POST /office/letters/{letter}/received", want: "s ff fff ++f nn fn"},
	{pattern: "POST /office/people/{person}/address", want: "s ff fff ++f nn fn", send: "email=new%40x.example"},
	{pattern: "POST /office/rankings/{ranking}/held/{application}", want: "s ff fff +df nn fn", send: "reason=x"},
	{pattern: "POST /office/rankings/{ranking}/released/{application}", want: "s ff fff +df nn fn"},
	{pattern: "POST /office/calls/{call}/rules/form", want: "s ff fff ++f nn f+", send: "view=text&scheme=x&do=check"},
	{pattern: "POST /office/calls/{call}/rules", want: "s ff fff ++f nn f+", send: "scheme=x"},
	{pattern: "POST /office/calls/{call}/rules/selection/preview", want: "s ff fff ++f nn f+", send: "do=add:quotas"},
	{pattern: "POST /office/calls/{call}/rules/selection", want: "s ff fff ++f nn f+", send: "selection.method=x"},
	{pattern: "POST /office/calls/{call}/amendments/{amendment}/approve", want: "s ff fff +df nn f+", send: "hash=x"},
	{pattern: "POST /office/calls/{call}/amendments/{amendment}/refuse", want: "s ff fff +df nn f+", send: "reason=x"},
	{pattern: "POST /office/rankings/{ranking}/variants", want: "s ff fff +df nn fd", send: "name=x&method=lottery"},
	{pattern: "POST /office/rankings/{ranking}/publish", want: "s ff fff +df nn f+", send: "hash={hash}"},
	{pattern: "POST /admin/calls/{call}/version/look", want: "s ff fff f+f fn ff", send: "definition={definition}"},
	{pattern: "POST /admin/calls/{call}/version", want: "s ff fff f+f fn ff", send: "definition={definition}&reason=x"},
	{pattern: "POST /demo/clock", want: everyone},
	{pattern: "POST /demo/enter", want: everyone},
	{pattern: "POST /host/{token}/code", want: "+++nn"},
	{pattern: "POST /host/{token}/documents", want: "+++nn", send: "code=XXXX-XXXX"},
	{pattern: "POST /host/{token}/answer", want: "+++nn", send: "n={nomination}&move=accept"},
	{pattern: "POST /host-office/{call}/answer", want: "s ff fff nnf +n fn", send: "n={nomination}&move=accept"},
	{pattern: "POST /applications/{id}/moves/{move}", want: "s dn dnd +dn dn nn", with: "move=record_acceptance", send: "revision={revision}&reason=x"},
	{pattern: "POST /applications/{id}/moves/{move}", want: "s dn dnd ddn +n nn", with: "move=accept", send: "revision={revision}"},
	{pattern: "POST /applications/{id}/moves/{move}", want: "s +n dnd ddn dn nn", with: "move=withdraw", send: "revision={revision}&reason=x"},
}
