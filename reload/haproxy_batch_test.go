package reload

import (
	"fmt"
	"net"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/headgate/headgate/hack/ports"
	"github.com/headgate/headgate/render"
)

// scripted is a worker that answers each command by a function. It returns the conversation with it, and the number of commands in each
// turn.
func scripted(t *testing.T, answer func(command string) string) (s *haproxySession, turns *[]int) {
	t.Helper()
	ours, theirs := net.Pipe()
	t.Cleanup(func() { ours.Close() })
	turns = &[]int{}
	go func() {
		defer theirs.Close()
		buf := make([]byte, 1<<20)
		for {
			n, err := theirs.Read(buf)
			if err != nil {
				return
			}
			commands := commandsOf(string(buf[:n]))
			*turns = append(*turns, len(commands))
			for _, c := range commands {
				if _, err := fmt.Fprintf(theirs, "%s\n\n> ", answer(c)); err != nil {
					return
				}
			}
		}
	}()
	return &haproxySession{conn: ours}, turns
}

// commandsOf are the commands in a text, each without its payload.
func commandsOf(text string) []string {
	var commands []string
	payload := false
	for line := range strings.SplitSeq(strings.TrimSuffix(text, "\n"), "\n") {
		switch {
		case payload:
			payload = line != ""
		default:
			commands = append(commands, line)
			payload = strings.HasSuffix(line, " <<")
		}
	}
	return commands
}

// manyServers are lines of servers.
func manyServers(from, n int) []string {
	var lines []string
	for i := from; i < from+n; i++ {
		lines = append(lines, fmt.Sprintf("s%d 127.9.%d.%d:80", i, i>>8, i&255))
	}
	return lines
}

// TestHAProxyBatches: the process is not waited for after each command, and each answer counts.
func TestHAProxyBatches(t *testing.T) {
	plan := func() *haproxyPlan {
		section := readHAProxyConfig([]byte("backend b\n server " + strings.Join(manyServers(0, 300), "\n server ")))[1]
		return &haproxyPlan{servers: []serverPlan{{section: section, add: section.servers, remove: []haproxyServer{{name: "old"}}}}}
	}
	obedient := func(c string) string {
		switch firstWord(c) {
		case "add":
			return "New server registered."
		case "del":
			return "Server deleted."
		}
		return ""
	}
	s, turns := scripted(t, obedient)
	if err := (&haproxyRuntime{s, map[string]haproxyServer{}}).do(plan()); err != nil {
		t.Fatal(err)
	}
	if want := []int{100, 100, 100, 100, 100, 100, 1, 1}; !slices.Equal(*turns, want) {
		t.Errorf("turns of %v commands, want %v", *turns, want)
	}
	s, _ = scripted(t, func(c string) string {
		if strings.HasPrefix(c, "add server b/s250 ") {
			return "Already exists a server with the same name in backend 'b'."
		}
		return obedient(c)
	})
	err := (&haproxyRuntime{s, map[string]haproxyServer{}}).do(plan())
	if err == nil || !strings.Contains(err.Error(), "add server b/s250") || !strings.Contains(err.Error(), "Already exists") {
		t.Errorf("one refusal among many: %v", err)
	}
}

// TestHAProxyOrder: what is new is there before anything leads to it, and what is old goes when nothing leads to it any more.
func TestHAProxyOrder(t *testing.T) {
	section := readHAProxyConfig([]byte("backend b\n server new 127.0.0.1:1"))[1]
	line := func(file string) []crtLine { return []crtLine{{file: file, rest: file + ".example"}} }
	plan := &haproxyPlan{
		servers: []serverPlan{{
			section: section, add: section.servers, remove: []haproxyServer{{name: "old"}},
			alter: []serverChange{{haproxyServer{name: "kept", address: "127.0.0.1:2"}, haproxyServer{name: "kept", address: "127.0.0.1:3"}}},
		}},
		lists: []listPlan{
			{listName: listName{kindMap, "second"}, place: 2, add: []string{"a x"}, set: []string{"b y"}, remove: []string{"c z"}},
			{listName: listName{kindMap, "first"}, place: 1, add: []string{"d x"}, set: []string{"e y"}, remove: []string{"f z"}},
			{listName: listName{kindACL, "third"}, place: 3, whole: true, want: []string{"g"}},
		},
		crtLists: []crtListPlan{{name: "list", add: line("new.pem"), remove: line("old.pem")}},
		certs:    certPlan{add: []render.File{{Path: "new.pem", Data: []byte("pem")}}, change: []render.File{{Path: "kept.pem", Data: []byte("pem")}}, remove: []string{"old.pem"}},
	}
	var said []string
	s, _ := scripted(t, func(c string) string {
		said = append(said, c)
		for begin, answer := range map[string]string{
			"new ssl": "New empty certificate store", "set ssl": "Transaction created", "commit ssl": "Success!", "add ssl": "Success!",
			"show ssl": "# list\nold.pem:1 old.pem.example\nnew.pem:2 new.pem.example", "del ssl crt-list": "deleted in crtlist", "del ssl cert": "deleted!",
			"add server": "New server registered", "del server": "Server deleted", "prepare": "New version created: 7", "set server b/kept addr": "changed from",
		} {
			if strings.HasPrefix(c, begin) {
				return answer
			}
		}
		return ""
	})
	if err := (&haproxyRuntime{s, map[string]haproxyServer{}}).do(plan); err != nil {
		t.Fatalf("%v, after %q", err, said)
	}
	want := []string{
		"new ssl cert new.pem", "set ssl cert new.pem <<", "commit ssl cert new.pem", "set ssl cert kept.pem <<", "commit ssl cert kept.pem",
		"add server b/new 127.0.0.1:1", "enable server b/new", "set server b/kept addr 127.0.0.1 port 3", "set server b/kept state ready",
		"prepare acl third", "add acl @7 third g", "commit acl @7 third",
		"add map second <<", "set map second b y", "add map first <<", "set map first e y",
		"add ssl crt-list list <<", "show ssl crt-list -n list", "del ssl crt-list list old.pem:1",
		"del map first f", "del map second c", "del ssl cert old.pem",
		"set server b/old state maint", "del server b/old",
	}
	if diff := cmp.Diff(want, said); diff != "" {
		t.Errorf("commands (-want +got):\n%s", diff)
	}
}

// TestHAProxyCost: what a change costs is weighed against a reload, which costs more the more there is to read.
func TestHAProxyCost(t *testing.T) {
	servers := func(n int) haproxyPlan { return haproxyPlan{servers: []serverPlan{{add: make([]haproxyServer, n)}}} }
	for i, c := range []struct {
		plan haproxyPlan
		kib  int
		runs bool
	}{
		{servers(2000), 0, true},
		{servers(2001), 0, false},
		{servers(2001), 1, true},
		{servers(3000), 10, false},
		{servers(3000), 400, true},
		{haproxyPlan{certs: certPlan{add: make([]render.File, 40)}}, 0, true},
		{haproxyPlan{certs: certPlan{add: make([]render.File, 41)}}, 0, false},
		{haproxyPlan{lists: []listPlan{{listName: listName{kind: kindACL}, whole: true, want: make([]string, 4001)}}}, 0, false},
		{haproxyPlan{lists: []listPlan{{listName: listName{kind: kindMap}, whole: true, want: slices.Repeat([]string{"key value"}, 100_000), remove: make([]string, 100_000)}}}, 0, true},
	} {
		files := []render.File{{Path: "haproxy.cfg", Data: make([]byte, c.kib<<10)}}
		if got := c.plan.cost() <= reloadCost(files); got != c.runs {
			t.Errorf("%d: a cost of %d against %d", i, c.plan.cost(), reloadCost(files))
		}
	}
}

// TestHAProxyManyEndpoints: many endpoints of one Service come and go by commands, very many by a reload, and no request is lost.
func TestHAProxyManyEndpoints(t *testing.T) {
	eachHAProxy(t, func(t *testing.T, bin string) {
		e, port := superviseHAProxy(t, bin, shortDir(t)), ports.Free(t)
		g := one(port)
		g.backends = append(g.backends, pool{name: "many"})
		with := func(lines []string) gate {
			g.backends = []pool{g.backends[0], {name: "many", servers: lines}}
			return g
		}
		g.extra = "    http-request return status 200\n"
		e.mustApply(t, with(manyServers(0, 1)))
		steps := []func(){
			func() { e.mustChange(t, with(manyServers(0, 400))) },
			func() { e.mustChange(t, with(manyServers(300, 400))) },
			func() { e.mustReload(t, with(manyServers(1000, 3000)), "a reload as much as") },
			func() { e.mustChange(t, with(manyServers(1000, 2900))) },
		}
		if refused := underLoad(t, port, len(steps), func(i int) { steps[i]() }); refused != 0 {
			t.Errorf("%d connections were refused", refused)
		}
	})
}
