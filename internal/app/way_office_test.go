package app_test

// officer is the international office's.
type officer struct{ *person }

// opensTheCall signs in and puts the prepared call into the catalogue.
func (o *officer) opensTheCall() {
	o.t.Helper()
	o.open("/calls")
	o.sees("No call is open now")
	o.signInByLink()
	o.look("work")
	o.press("Our calls")
	o.look("calls")
	o.press(callTitle)
	o.look("call")
	o.press("Open the call")
	o.look("open")
	o.press("Open the call")
	o.sees("The call is open and in the public catalogue.")
	o.look("opened")
}

// timekeeper moves the demo's clock.
type timekeeper struct{ *person }

// goes moves the clock by the button beside a deadline.
func (k *timekeeper) goes(button, deadline string) {
	k.t.Helper()
	k.open("/demo/clock")
	k.pressNear(button, deadline)
	k.sees("Whatever came due on the way is being done.")
}
