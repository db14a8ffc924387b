package propose

import (
	"fmt"
	"strings"
	"testing"
)

// grown is a request whose prompt is longer than that of long by about so many thirds
// of a per cent.
func grown(id string, applied, thirds int) Request {
	req := long(id, applied)
	for i := range req.Ranked {
		req.Ranked[i].Code += strings.Repeat("// more\n", thirds)
	}
	return req
}

// A cut of a tenth is too little to be seen in one prompt. That prompts which grow do
// not count more is seen, and from then on they are asked again, shorter. Of a prompt
// that does not grow nothing follows, nor of counts that grow too.
func TestPlateau(t *testing.T) {
	tests := map[string]struct {
		cut   bool
		grows int // between two prompts
		want  bool
	}{
		"the counts stay":             {true, 1, true},
		"the prompts stay, and so do": {true, 0, false},
		"the counts grow":             {false, 1, false},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			n, j := newNarrow(1<<30), memory{}
			n.halves, n.babbles = false, good
			p := asker(t, n, j)
			if tokens := float64(chars(asked(t, p, long("20", 0)))) / n.ratio; test.cut {
				n.context = int(.9 * tokens)
			}
			for i := range level {
				if _, err := p.Propose(t.Context(), grown(fmt.Sprint(20+i), 19, test.grows*i)); err != nil || len(n.calls) != i+1 {
					t.Fatalf("prompt %d: %v, %d calls", i, err, len(n.calls))
				}
			}
			n.calls, n.whole = nil, nil
			last := func() Request { return grown("40", 39, test.grows*level) }
			got, err := p.Propose(t.Context(), last())
			if err != nil || (len(n.calls) > 1) != test.want || test.want && len(n.whole) != 1 {
				t.Errorf("%v after %d calls, %d of them read whole", err, len(n.calls), len(n.whole))
			}
			resumed, err := asker(t, nil, j).Propose(t.Context(), last())
			if err != nil || resumed.Prompt != got.Prompt {
				t.Errorf("resumed: %v, with the same prompt: %v", err, resumed.Prompt == got.Prompt)
			}
		})
	}
}
