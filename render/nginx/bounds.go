package nginx

// What nginx asks for, or else refuses the whole configuration: a connection for every socket that it listens to, one buffer beside the
// two that may be on their way to the client, and the size of its smallest pool of memory.
const (
	minConnections  = 64
	minBuffers      = 3
	minHeaderBuffer = 512
)

// maxHidden is the longest name that fits into nginx's table of headers that gRPC endpoints send and clients do not get: its buckets have
// 64 bytes, and no directive changes that.
const maxHidden = 46

// atLeast raises a setting to what nginx takes at least, and says so.
func (r *rendering) atLeast(key string, least, value int) int {
	if value < least {
		r.unusable(key, "nginx takes no less than %d; %d is used instead of %d", least, least, value)
	}
	return max(value, least)
}
