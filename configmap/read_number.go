package configmap

import (
	"math"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Bounds of the types, where a Spec says nothing narrower. They keep every number printable by both proxies.
const (
	maxInt     = math.MaxInt32
	maxSize    = 1 << 50
	maxSeconds = 10 * 365 * 24 * 3600
)

func readBool(_ *reading, text string) (any, *fault) {
	b, err := strconv.ParseBool(text)
	if err == nil {
		return b, nil
	}
	f := malformed("is not a boolean")
	switch strings.ToLower(text) {
	case "on", "yes", "enabled":
		f.hint = `write "true"`
	case "off", "no", "disabled":
		f.hint = `write "false"`
	}
	return nil, f
}

// number reads a decimal integer within the bounds of the key, else within least and most.
func (r *reading) number(text string, least, most int64) (int64, *fault) {
	n, err := strconv.ParseInt(text, 10, 64)
	if err != nil {
		if looksNumeric(text) {
			return 0, unusable("is out of range")
		}
		return 0, malformed("is not an integer")
	}
	return r.within(n, least, most)
}

func (r *reading) within(n, least, most int64) (int64, *fault) {
	s := r.spec
	if s.Min != 0 || s.Max != 0 {
		least, most = s.Min, s.Max
	}
	if n == 0 && s.ZeroDefault {
		n, _ = strconv.ParseInt(s.Default, 10, 64)
	}
	if n < least && s.Clamp {
		n = least
	}
	if n < least || n > most {
		return 0, unusable("is not between %d and %d", least, most)
	}
	return n, nil
}

func looksNumeric(text string) bool {
	digits := strings.TrimLeft(text, "+-")
	return len(text)-len(digits) <= 1 && digits != "" && strings.Trim(digits, "0123456789") == ""
}

func readInt(r *reading, text string) (any, *fault) {
	if len(r.spec.Values) > 0 && !slices.Contains(r.spec.Values, text) {
		return nil, unusable("is not one of %s", strings.Join(r.spec.Values, ", "))
	}
	n, f := r.number(text, -maxInt, maxInt)
	return int(n), f
}

func readIntOrAuto(r *reading, text string) (any, *fault) {
	if text == "auto" {
		return 0, nil
	}
	n, f := r.number(text, 0, maxInt)
	return int(n), f
}

func readFloat(r *reading, text string) (any, *fault) {
	x, err := strconv.ParseFloat(text, 64)
	if err != nil || math.IsNaN(x) || math.IsInf(x, 0) {
		return nil, malformed("is not a number")
	}
	if x < float64(r.spec.Min) || x > float64(r.spec.Max) {
		return nil, unusable("is not between %d and %d", r.spec.Min, r.spec.Max)
	}
	return x, nil
}

func readSeconds(r *reading, text string) (any, *fault) {
	n, f := r.number(text, 0, maxSeconds)
	if f == nil {
		return time.Duration(n) * time.Second, nil
	}
	if d, err := parseDuration(text); err == nil && !f.unusable {
		f.hint = "write the number of seconds without a unit: " + strconv.FormatInt(int64(d/time.Second), 10)
	}
	return nil, f
}

func readDuration(r *reading, text string) (any, *fault) {
	d, f := parseDuration(text)
	if f != nil {
		return nil, f
	}
	return r.span(d)
}

func readGoDuration(r *reading, text string) (any, *fault) {
	d, err := time.ParseDuration(text)
	if err != nil {
		return nil, malformed("is not a duration such as 5s or 1m30s")
	}
	return r.span(d)
}

// span bounds a duration by the key's Min and Max, in seconds.
func (r *reading) span(d time.Duration) (any, *fault) {
	if d < 0 {
		return nil, unusable("is negative")
	}
	if _, f := r.within(int64(d/time.Second), 0, maxSeconds); f != nil {
		f.reason += " seconds"
		return nil, f
	}
	return d, nil
}

// units are nginx's units of time, greatest first: they may be combined in this order, each once.
var units = []struct {
	name string
	size time.Duration
}{
	{"y", 365 * 24 * time.Hour},
	{"M", 30 * 24 * time.Hour},
	{"w", 7 * 24 * time.Hour},
	{"d", 24 * time.Hour},
	{"h", time.Hour},
	{"m", time.Minute},
	{"s", time.Second},
	{"ms", time.Millisecond},
}

// parseDuration reads nginx's notation: "90", "30s", "1h30m", "1d 12h". A number without unit ends the text and means seconds.
func parseDuration(text string) (time.Duration, *fault) {
	bad := malformed("is not a time such as 30s, 10m or 1h30m")
	var sum time.Duration
	next := 0
	for rest := text; ; {
		n, unit, tail, ok := cutTime(rest)
		if !ok {
			return 0, bad
		}
		if unit == "" {
			unit = "s"
		}
		for next < len(units) && units[next].name != unit {
			next++
		}
		if next == len(units) {
			return 0, bad
		}
		if n > maxSeconds*1000 || time.Duration(n) > (math.MaxInt64-sum)/units[next].size {
			return 0, unusable("is too long")
		}
		sum += time.Duration(n) * units[next].size
		next++
		if rest = strings.TrimLeft(tail, " "); rest == "" {
			return sum, nil
		}
	}
}

// cutTime takes one number with its unit off the front of a time.
func cutTime(text string) (n int64, unit, rest string, ok bool) {
	digits := len(text) - len(strings.TrimLeft(text, "0123456789"))
	n, err := strconv.ParseInt(text[:digits], 10, 64)
	rest = text[digits:]
	letters := 0
	for letters < len(rest) && rest[letters] != ' ' && (rest[letters] < '0' || rest[letters] > '9') {
		letters++
	}
	unit, rest = rest[:letters], rest[letters:]
	return n, unit, rest, err == nil && (unit != "" || strings.Trim(rest, " ") == "")
}

func readSize(r *reading, text string) (any, *fault) {
	n, f := parseSize(text)
	if f != nil {
		return nil, f
	}
	bytes := n
	if n, f = r.within(n, 0, maxSize); f != nil {
		least, most := int64(0), int64(maxSize)
		if r.spec.Min != 0 || r.spec.Max != 0 {
			least, most = r.spec.Min, r.spec.Max
		}
		f.reason = "is not between " + sizeText(least) + " and " + sizeText(most)
		if bytes > most {
			f.hint = "write " + sizeText(most) + " at most"
		}
	}
	return n, f
}

// sizeText prints a size with the largest unit that it is a multiple of.
func sizeText(n int64) string {
	for _, unit := range []string{"", "k", "m"} {
		if n == 0 || n%1024 != 0 {
			return strconv.FormatInt(n, 10) + unit
		}
		n /= 1024
	}
	return strconv.FormatInt(n, 10) + "g"
}

// parseSize reads digits with an optional k, m or g. ingress-nginx lets a b pass and then leaves the setting out.
func parseSize(text string) (int64, *fault) {
	digits := strings.TrimRight(text, "bBkKmMgG")
	suffix := strings.ToLower(text[len(digits):])
	if digits == "" || strings.Trim(digits, "0123456789") != "" || len(suffix) > 1 {
		f := malformed("is not a size such as 512, 8k or 10m")
		f.hint = sizeHint(text)
		return 0, f
	}
	shift := map[string]uint{"": 0, "k": 10, "m": 20, "g": 30}
	by, known := shift[suffix]
	if !known {
		return 0, unusable("has the unit b, which is not applied")
	}
	n, err := strconv.ParseInt(digits, 10, 64)
	if err != nil || n > math.MaxInt64>>by {
		return 0, unusable("is too large")
	}
	return n << by, nil
}

// sizeHint recognises the notation of Kubernetes quantities and everyday units.
func sizeHint(text string) string {
	digits := strings.TrimRight(text, "kKmMgGiIbB")
	unit := strings.ToLower(text[len(digits):])
	if digits == "" || strings.Trim(digits, "0123456789") != "" || unit == "" || strings.IndexByte("kmg", unit[0]) < 0 {
		return ""
	}
	return "write " + digits + unit[:1]
}

func readBuffers(r *reading, text string) (any, *fault) {
	fields := strings.Fields(text)
	if len(fields) != 2 {
		return nil, malformed("is not a number and a size such as 4 8k")
	}
	n, err := strconv.ParseInt(fields[0], 10, 32)
	if err != nil || n < 1 || n > 1024 {
		return nil, unusable("does not have between 1 and 1024 buffers")
	}
	size, f := parseSize(fields[1])
	if f != nil {
		return nil, f
	}
	size, f = r.within(size, 1, maxSize)
	return BufferCount{Number: n, Size: size}, f
}

func readCodes(r *reading, text string) (any, *fault) {
	return items(r, strings.Split(text, ","), func(s string) (int, *fault) {
		n, err := strconv.Atoi(s)
		if err != nil || len(s) != 3 || int64(n) < r.spec.Min || int64(n) > r.spec.Max {
			return 0, malformed("is not a code between %d and %d", r.spec.Min, r.spec.Max)
		}
		return n, nil
	})
}
