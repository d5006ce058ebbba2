package main

import (
	"net/netip"
	"slices"

	"github.com/headgate/headgate/diag"
	"github.com/headgate/headgate/model"
	"github.com/headgate/headgate/reload"
)

// leaveOutAddresses leaves out the addresses that this machine does not have, IPv6 as a whole among them where the kernel has none: a
// proxy that cannot listen on one of its addresses takes over nothing of a configuration. If not one is left the list stays as it is, for
// to listen on others than those that were named would be worse than to refuse the change.
func leaveOutAddresses(l *model.Listen) diag.List {
	named := len(l.Addresses) > 0
	var missing []netip.Addr
	present := slices.DeleteFunc(slices.Clone(l.All()), func(a netip.Addr) bool {
		absent := reload.AddressMissing(a)
		if absent {
			missing = append(missing, a)
		}
		return absent
	})
	if len(missing) == 0 || len(present) == 0 {
		return nil
	}
	l.Addresses = present
	var remarks diag.List
	for _, a := range missing {
		if named {
			remarks.Add(diag.AddressMissing.At(diag.Pos{}, diag.Ref{}, "bind-address",
				"this machine does not have the address %s; it is not listened on, and tried again every %s", a, busyRetry))
		}
	}
	return remarks
}
