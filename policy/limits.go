package policy

import "net/netip"

// Limits bounds what one client may ask for. Numbers up to 0 set no limit.
type Limits struct {
	// Connections are requests at the same time; PerSecond and PerMinute hold beside each other.
	Connections, PerSecond, PerMinute PerRoute[int]
	// BurstFactor times a rate is what passes at once.
	BurstFactor PerRoute[int]
	// Free are clients without these limits.
	Free PerRoute[[]netip.Prefix]

	// Rate slows each response down to so many KiB a second, once RateAfter KiB are through.
	Rate, RateAfter PerRoute[int]
}
