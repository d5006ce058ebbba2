package reload

import (
	"fmt"
	"slices"
	"strings"

	"github.com/headgate/headgate/render"
)

// haproxyRuntime carries a plan out in one process. The first answer that is not the one expected ends it: then the process is
// somewhere between two generations, and only a reload can tell where.
type haproxyRuntime struct {
	*haproxySession
	// retiring are the servers, as "backend/server", that are in no file any more and finish their last requests.
	retiring map[string]haproxyServer
}

// do carries out a plan. What is new is there before anything leads to it, and what is old goes when nothing leads to it any more.
func (r *haproxyRuntime) do(plan *haproxyPlan) error {
	slices.SortStableFunc(plan.lists, func(a, b listPlan) int { return a.place - b.place })
	steps := []func(*haproxyPlan) error{
		r.loadCertificates, r.addServers, r.extendLists, r.changeCrtLists, r.shortenLists, r.dropCertificates, r.removeServers,
	}
	for _, step := range steps {
		if err := step(plan); err != nil {
			return err
		}
	}
	return nil
}

// demand gives a command whose answer has to hold a text; if that is empty, the answer has to be, too.
func (r *haproxyRuntime) demand(want, command string) error {
	answer, err := r.ask(command)
	return expect(want, command, answer, err)
}

// demandFor does the same with lines.
func (r *haproxyRuntime) demandFor(want, command, lines string) error {
	answer, err := r.give(command, lines)
	return expect(want, command, answer, err)
}

// expect makes an error of an answer that is not the one expected.
func expect(want, command, answer string, err error) error {
	if err != nil {
		return err
	}
	if want == "" && answer == "" || want != "" && strings.Contains(answer, want) {
		return nil
	}
	return fmt.Errorf("%s: %s", commandName(command), brief(answer))
}

// brief makes one short line of an answer.
func brief(answer string) string {
	text := strings.Join(strings.Fields(answer), " ")
	if text == "" {
		return "no answer"
	}
	if len(text) > 200 {
		text = strings.ToValidUTF8(text[:200], "") + "…"
	}
	return text
}

func (r *haproxyRuntime) loadCertificates(plan *haproxyPlan) error {
	for _, f := range plan.certs.add {
		if err := r.demand("New empty certificate store", "new ssl cert "+f.Path); err != nil {
			return err
		}
	}
	for _, f := range slices.Concat(plan.certs.add, plan.certs.change) {
		if err := r.loadCertificate(f); err != nil {
			return err
		}
	}
	return nil
}

func (r *haproxyRuntime) loadCertificate(f render.File) error {
	// An empty line would end the payload.
	var lines []string
	for line := range strings.Lines(string(f.Data)) {
		if line = strings.TrimSpace(line); line != "" {
			lines = append(lines, line)
		}
	}
	if err := r.demandFor("Transaction ", "set ssl cert "+f.Path, strings.Join(lines, "\n")); err != nil {
		return err
	}
	return r.demand("Success!", "commit ssl cert "+f.Path)
}

func (r *haproxyRuntime) changeCrtLists(plan *haproxyPlan) error {
	for i := range plan.crtLists {
		l := &plan.crtLists[i]
		for _, line := range l.add {
			if err := r.demandFor("Success!", "add ssl crt-list "+l.name, line.text()); err != nil {
				return err
			}
		}
		shown, err := r.crtList(l.name)
		if err != nil {
			return err
		}
		for _, line := range l.remove {
			at := slices.IndexFunc(shown, func(s crtLine) bool { return s.text() == line.text() })
			if at < 0 {
				return fmt.Errorf("the process has no line for %s in %s", line.file, l.name)
			}
			command := "del ssl crt-list " + l.name + " " + line.file + ":" + shown[at].number
			if err := r.demand("deleted in crtlist", command); err != nil {
				return err
			}
		}
	}
	return nil
}

// crtList returns the lines of a crt-list as the process has them.
func (r *haproxyRuntime) crtList(name string) ([]crtLine, error) {
	text, err := r.ask("show ssl crt-list -n " + name)
	if err != nil {
		return nil, err
	}
	lines := readCrtList([]byte(text))
	for i := range lines {
		at := strings.LastIndexByte(lines[i].file, ':')
		if at < 0 {
			return nil, fmt.Errorf("show ssl crt-list: %s", brief(text))
		}
		lines[i].file, lines[i].number = lines[i].file[:at], lines[i].file[at+1:]
	}
	return lines, nil
}

func (r *haproxyRuntime) dropCertificates(plan *haproxyPlan) error {
	for _, name := range plan.certs.remove {
		if err := r.demand("deleted!", "del ssl cert "+name); err != nil {
			return err
		}
	}
	return nil
}

// extendLists adds what is new, last what is looked up first: a host must not be known before its paths are.
func (r *haproxyRuntime) extendLists(plan *haproxyPlan) error {
	for _, l := range slices.Backward(plan.lists) {
		if l.whole {
			if err := r.replaceList(l); err != nil {
				return err
			}
			continue
		}
		if err := r.addEntries(l, "add "+l.kind+" "+l.name, l.add); err != nil {
			return err
		}
		var demands []demand
		for _, entry := range l.set {
			demands = append(demands, demand{"", "set " + l.kind + " " + l.name + " " + entry})
		}
		if err := r.demandAll(demands); err != nil {
			return err
		}
	}
	return nil
}

// addEntries gives entries to a command; patterns have to come one by one.
func (r *haproxyRuntime) addEntries(l listPlan, command string, entries []string) error {
	if l.kind == kindMap {
		for _, piece := range payloads(entries) {
			if err := r.demandFor("", command, piece); err != nil {
				return err
			}
		}
		return nil
	}
	var demands []demand
	for _, entry := range entries {
		demands = append(demands, demand{"", command + " " + entry})
	}
	return r.demandAll(demands)
}

// replaceList fills a new version of a list and puts it in force in one step.
func (r *haproxyRuntime) replaceList(l listPlan) error {
	const made = "New version created: "
	answer, err := r.ask("prepare " + l.kind + " " + l.name)
	if err := expect(made, "prepare "+l.kind, answer, err); err != nil {
		return err
	}
	version := "@" + strings.TrimPrefix(answer, made)
	if err := r.addEntries(l, "add "+l.kind+" "+version+" "+l.name, l.want); err != nil {
		return err
	}
	return r.demand("", "commit "+l.kind+" "+version+" "+l.name)
}

// shortenLists removes what is gone, first what is looked up first.
func (r *haproxyRuntime) shortenLists(plan *haproxyPlan) error {
	var demands []demand
	for _, l := range plan.lists {
		if l.whole {
			continue
		}
		for _, entry := range l.remove {
			demands = append(demands, demand{"", "del " + l.kind + " " + l.name + " " + keyOf(l.kind, entry)})
		}
	}
	return r.demandAll(demands)
}
