package archive

import "testing"

func TestCost(t *testing.T) {
	for _, test := range []struct {
		usage Usage
		want  string
	}{
		{Usage{Calls: 2}, "no price"},
		{Usage{Calls: 2, Priced: 2}, "$0.0000"}, // a free model
		{Usage{Calls: 2, Priced: 2, NanoUSD: 68_716_500}, "$0.0687"},
		{Usage{Calls: 3, Priced: 1, NanoUSD: 1_250_000_000}, "$1.2500 for 1 of 3"},
		{Usage{Calls: 3, NanoUSD: 1_250_000_000}, "$1.2500"}, // of an older version
	} {
		if got := test.usage.Cost(); got != test.want {
			t.Errorf("%+v costs %q, want %q", test.usage, got, test.want)
		}
	}
}
