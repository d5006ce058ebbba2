package reload

import "github.com/headgate/headgate/render"

// demand is a command and what its answer has to hold; if that is empty, the answer has to be, too.
type demand struct{ want, command string }

// What is given in one go: HAProxy reads 16 KiB at a time.
const (
	maxBatch      = 100
	maxBatchBytes = 8 << 10
)

// demandAll gives many commands. Waiting for each answer would cost a turn of a busy process each time: under load that is 2 to 4 ms, and
// the same commands in batches take a thirtieth of the time. The first answer that is not the one expected ends it; what was given in
// the same batch is done by then.
func (r *haproxyRuntime) demandAll(list []demand) error {
	commands := make([]string, len(list))
	for i := range list {
		commands[i] = list[i].command
	}
	return r.batches(commands, func(i int, answer string) error { return expect(list[i].want, list[i].command, answer, nil) })
}

// batches gives commands, as many at a time as may be, and has each answer judged.
func (s *haproxySession) batches(commands []string, judge func(i int, answer string) error) error {
	for from := 0; from < len(commands); {
		to, size := from, 0
		for to < min(len(commands), from+maxBatch) && (to == from || size+len(commands[to]) < maxBatchBytes) {
			size += len(commands[to]) + 1
			to++
		}
		answers, err := s.askAll(commands[from:to])
		if err != nil {
			return err
		}
		for i, answer := range answers {
			if err := judge(from+i, answer); err != nil {
				return err
			}
		}
		from = to
	}
	return nil
}

// What a reload is weighed against. Each command that is given by itself costs as much as singleCost commands in a batch. A process with
// many connections does some 10,000 commands of a batch in a second; it is checked, loaded and compared anew in some 0.2 s, and another
// 2.5 s for each megabyte of files. BenchmarkHAProxyCommands and BenchmarkHAProxyReload measure both.
const (
	singleCost  = 25
	freeCost    = 4000
	costPerKB   = 20
	costPerCert = 4 * singleCost // a certificate is named, sent, put in force, and listed
)

// reloadCost is the cost of a plan from where on it is quicker to load the files.
func reloadCost(files []render.File) int {
	size := 0
	for _, f := range files {
		size += len(f.Data)
	}
	return freeCost + costPerKB*(size>>10)
}

// cost is that of carrying the plan out.
func (p *haproxyPlan) cost() int {
	cost := costPerCert * (len(p.certs.add) + len(p.certs.change) + len(p.certs.remove))
	for i := range p.servers {
		s := &p.servers[i]
		cost += 2*len(s.add) + 2*len(s.alter) + 2*len(s.remove)
	}
	for i := range p.lists {
		cost += p.lists[i].cost()
	}
	for i := range p.crtLists {
		cost += singleCost * (len(p.crtLists[i].add) + len(p.crtLists[i].remove))
	}
	return cost
}

// cost is that of changing the list. The entries of maps are given many at a time.
func (l *listPlan) cost() int {
	entries, others := l.add, len(l.set)+len(l.remove)
	if l.whole {
		entries, others = l.want, 0
	}
	if l.kind == kindMap {
		return singleCost*len(payloads(entries)) + others
	}
	return len(entries) + others
}
