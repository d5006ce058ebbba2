package main

import (
	"net/netip"
	"slices"
	"testing"

	"github.com/headgate/headgate/diag"
	"github.com/headgate/headgate/model"
)

// TestAddressesOfOtherMachines: an address that is not there costs itself; that none is there is left to the proxy to say.
func TestAddressesOfOtherMachines(t *testing.T) {
	here, elsewhere := netip.MustParseAddr("127.0.0.1"), netip.MustParseAddr("203.0.113.9")
	for _, tt := range []struct {
		name        string
		list, want  []netip.Addr
		wantRemarks int
	}{
		{"all here", []netip.Addr{here}, []netip.Addr{here}, 0},
		{"one elsewhere", []netip.Addr{here, elsewhere}, []netip.Addr{here}, 1},
		{"all elsewhere", []netip.Addr{elsewhere}, []netip.Addr{elsewhere}, 0},
	} {
		t.Run(tt.name, func(t *testing.T) {
			l := model.Listen{Addresses: tt.list}
			remarks := leaveOutAddresses(&l)
			if !slices.Equal(l.Addresses, tt.want) || len(remarks) != tt.wantRemarks {
				t.Errorf("left are %v, want %v; said %v", l.Addresses, tt.want, remarks)
			}
			for _, d := range remarks {
				if d.Code != diag.AddressMissing.Code {
					t.Errorf("said %v", d)
				}
			}
		})
	}
}
