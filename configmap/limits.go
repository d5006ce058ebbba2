package configmap

import (
	"github.com/headgate/headgate/policy"
)

var limitAnnotations = group("limit",
	Spec{Key: LimitConnections, Type: Int, Default: "0", OnInvalid: RejectIngress, OnUnusable: RejectIngress, Guards: true, Obeyed: true, Idle: IdleOff,
		Doc: "Limits how many requests of one client run at the same time; 0 or less sets no limit."},
	Spec{Key: LimitRPS, Type: Int, Default: "0", OnInvalid: RejectIngress, OnUnusable: RejectIngress, Guards: true, Obeyed: true, Idle: IdleOff,
		Doc: "Limits the requests per second of one client. Bursts of limit-burst-multiplier times as many pass without delay."},
	Spec{Key: LimitRPM, Type: Int, Default: "0", OnInvalid: RejectIngress, OnUnusable: RejectIngress, Guards: true, Obeyed: true, Idle: IdleOff,
		Doc: "Limits the requests per minute of one client. It holds beside limit-rps; the narrower one decides."},
	Spec{Key: LimitBurstMultiplier, Type: Int, Default: "5", Obeyed: true,
		Doc: "Multiplies limit-rps and limit-rpm to get the size of a burst."},
	Spec{Key: LimitRate, Type: Int, Global: LimitRate, Obeyed: true,
		Targets: Targets{Nginx: Support{Level: Full}, HAProxy: Support{Level: Partial, Reason: "from 2.7 on"}},
		Doc:     "Slows each response down to this many kilobytes per second. With nginx, responses are then buffered, whatever proxy-buffering says."},
	Spec{Key: LimitRateAfter, Type: Int, Global: LimitRateAfter, Obeyed: true,
		Targets: Targets{Nginx: Support{Level: Full}, HAProxy: Support{Level: None, Reason: "HAProxy throttles from the first byte on"}},
		Doc:     "Lets this many kilobytes of each response through before limit-rate begins."},
	Spec{Key: LimitAllowList, Aliases: []Key{LimitWhitelist}, Type: CIDRs, OnInvalid: RejectIngress, Obeyed: true,
		Doc: "Exempts these clients from limit-connections, limit-rps and limit-rpm."},
)

func readLimits(f fields) policy.Limits {
	return policy.Limits{
		Connections: perRoute(f, LimitConnections),
		PerSecond:   perRoute(f, LimitRPS),
		PerMinute:   perRoute(f, LimitRPM),
		BurstFactor: perRoute(f, LimitBurstMultiplier),
		Free:        perRoute(f, LimitAllowList),
		Rate:        perRoute(f, LimitRate),
		RateAfter:   perRoute(f, LimitRateAfter),
	}
}
