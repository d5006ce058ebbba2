package translate

import (
	"cmp"
	"errors"
	"slices"
	"strings"

	"github.com/headgate/headgate/diag"
	"github.com/headgate/headgate/model"
)

// errBudget marks patterns that could be used on another host.
type errBudget struct{ error }

// weighPatterns decides which patterns of a host are admitted, the oldest Ingress first: each must be bounded in what it can cost, and
// so must be all together, because a request may go through all of them.
func (t *translator) weighPatterns(s *server, patterns []pattern) {
	byAge := make([]*pattern, len(patterns))
	for i := range patterns {
		byAge[i] = &patterns[i]
	}
	place := make(map[*entry]int, len(s.entries))
	for i, e := range s.entries {
		place[e] = i
	}
	slices.SortStableFunc(byAge, func(a, b *pattern) int { return cmp.Compare(place[a.entry], place[b.entry]) })
	var budget model.RegexBudget
	for _, p := range byAge {
		if p.refused = t.weigh(&budget, p); p.refused != nil && p.isRegex() {
			p.place = t.weighPlace(&budget, p, patterns)
		}
	}
	client := &t.operator.Client
	if s.pathLimit = budget.PathLimit(int(client.LargeHeaderBuffers * client.LargeHeaderBufferSize)); s.pathLimit > 0 {
		t.diags.Add(diag.RegexPathLimit.At(s.from.Pos, s.from.Ref, s.from.Path,
			"to match longer paths than %d bytes with the regular expressions of host %s could take the proxy too long; these answer 414",
			s.pathLimit, hostText(s.host)))
	}
}

func (t *translator) weigh(budget *model.RegexBudget, p *pattern) error {
	regex, err := t.readRegex(p.namespace(), func() (*model.Regex, error) { return t.regexes.Path(p.text) })
	if err != nil {
		if !p.isRegex() {
			budget.AddText(p.text)
		}
		return err
	}
	if err = budget.Add(regex); err != nil {
		if !p.isRegex() {
			budget.AddText(p.text)
		}
		return errBudget{err}
	}
	return nil
}

// namespace is that of the Ingress of an entry, empty for the global default.
func (e *entry) namespace() string {
	if e.ing == nil {
		return ""
	}
	return e.ing.Namespace
}

// readRegex reads a regular expression at the expense of a namespace.
func (t *translator) readRegex(namespace string, read func() (*model.Regex, error)) (*model.Regex, error) {
	r := &t.regexes
	before := r.Effort
	r.Limit = before + maxNamespaceEffort - t.counts.effort[namespace]
	regex, err := read()
	t.counts.effort[namespace] += r.Effort - before
	return regex, err
}

// weighPlace is the closed place of a pattern that is refused. If the host cannot have that either, it is all that begins alike.
func (t *translator) weighPlace(budget *model.RegexBudget, p *pattern, patterns []pattern) string {
	place := p.closePattern(patterns)
	regex, err := t.readRegex(p.namespace(), func() (*model.Regex, error) { return t.regexes.Own(place) })
	if err == nil {
		err = budget.Add(regex)
	}
	if err == nil || place == "" {
		return place
	}
	place = "/" + strings.TrimPrefix(literalPrefix(strings.TrimPrefix(p.text, "^")), "/")
	budget.AddText(place)
	if place == "/" && p.guest {
		return ""
	}
	return model.QuoteRegex(place)
}

// refusal is the code for a pattern that is refused.
func (p *pattern) refusal() diag.CodeInfo {
	if budget := (errBudget{}); errors.As(p.refused, &budget) {
		return diag.RegexBudget
	}
	return diag.RegexRefused
}
