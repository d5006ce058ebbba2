package reload

import "fmt"

// State is where an [Applier] stands.
type State string

// The states rest in empty, serving and failed; all others are on the way to one of these.
const (
	// StateEmpty: no generation is in place.
	StateEmpty State = "empty"
	// StateChecking: a new tree is being written and checked; what served before goes on serving.
	StateChecking State = "checking"
	// StateSwitching: the new tree is in place and the proxy has been told; its answer is awaited.
	StateSwitching State = "switching"
	// StateServing: the proxy has confirmed the generation in place.
	StateServing State = "serving"
	// StateRestoring: the last good tree is in place again and the proxy has been told; its answer is awaited.
	StateRestoring State = "restoring"
	// StateResuming: the proxy is asked whether it serves what is in place, and told to if it does not.
	StateResuming State = "resuming"
	// StateFailed: the proxy is not known to serve what is in place. It is asked and tried again after a pause.
	StateFailed State = "failed"
)

// event is something that happened.
type event string

const (
	none        event = ""
	offered     event = "offered"     // files other than those in place, and not those rejected last
	found       event = "found"       // at start: a generation is in place
	retried     event = "retried"     // the pause after a failure is over, or the caller insists
	lost        event = "lost"        // the proxy has gone, or no longer answers with the generation in place
	drifted     event = "drifted"     // the proxy answers with it, but is not what the files say, or these are damaged
	accepted    event = "accepted"    // staged, and the checker accepts
	refused     event = "refused"     // staged, and the checker refuses
	broken      event = "broken"      // the work dir or the checker did not do its part; nothing was changed
	confirmed   event = "confirmed"   // the proxy serves what is in place
	failed      event = "failed"      // the proxy does not take over what is in place; there is a last good generation besides
	cornered    event = "cornered"    // the same, and there is none
	unreachable event = "unreachable" // there is no proxy to tell or ask, it is late, or the wait was broken off
)

// action is what is to be done next; each action but rest and those that end a run reports one event.
type action string

const (
	rest       action = "rest"
	stage      action = "stage and check"
	switchOver action = "switch over"
	resume     action = "resume"
	keepAsGood action = "keep as last good"
	reject     action = "reject"
	restore    action = "reject and restore the last good"
	pause      action = "pause"
)

// transition is one cell of the table.
type transition struct {
	next   State
	action action
}

// resting stands for the state that checking started from.
const resting State = "(resting)"

// transitions is the whole state machine. What is not in it cannot happen.
var transitions = map[State]map[event]transition{
	StateEmpty: {
		offered: {StateChecking, stage},
		found:   {StateResuming, resume},
	},
	StateServing: {
		offered: {StateChecking, stage},
		lost:    {StateFailed, pause},
		drifted: {StateResuming, resume},
	},
	StateFailed: {
		offered: {StateChecking, stage},
		retried: {StateResuming, resume},
	},
	StateChecking: {
		accepted: {StateSwitching, switchOver},
		refused:  {resting, reject},
		broken:   {resting, rest},
	},
	StateSwitching: {
		confirmed:   {StateServing, keepAsGood},
		failed:      {StateRestoring, restore},
		cornered:    {StateFailed, pause},
		unreachable: {StateFailed, pause},
		broken:      {resting, rest},
	},
	StateResuming: {
		confirmed:   {StateServing, keepAsGood},
		failed:      {StateRestoring, restore},
		cornered:    {StateFailed, pause},
		unreachable: {StateFailed, pause},
		broken:      {StateFailed, pause},
	},
	StateRestoring: {
		confirmed:   {StateServing, keepAsGood},
		cornered:    {StateFailed, pause},
		unreachable: {StateFailed, pause},
		broken:      {StateFailed, pause},
	},
}

// machine walks the table.
type machine struct {
	state State
	// before is the resting state that was left last.
	before State
}

// step takes one transition. An event that the state does not know changes nothing: it was overtaken by another one.
func (m *machine) step(e event) (action, error) {
	t, ok := transitions[m.state][e]
	if !ok {
		return rest, fmt.Errorf("state %s does not expect the event %s", m.state, e)
	}
	if t.action == stage {
		m.before = m.state
	}
	m.state = t.next
	if t.next == resting {
		m.state = m.before
	}
	return t.action, nil
}
