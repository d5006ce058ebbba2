package model

import "math"

// polynomial is an upper bound for work as a function of the number of bytes that are left of a text: the sum of its members, each
// times that number to the power of its index. No member is negative.
type polynomial [5]float64

func constant(c float64) polynomial { return polynomial{c} }

func (p polynomial) plus(q polynomial) polynomial {
	for i := range p {
		p[i] += q[i]
	}
	return p
}

func (p polynomial) times(c float64) polynomial {
	for i := range p {
		if p[i] != 0 {
			p[i] *= c
		}
	}
	return p
}

// minus takes away a part. What is taken away too much counts as nothing.
func (p polynomial) minus(q polynomial) polynomial {
	for i := range p {
		if q[i] != 0 && !math.IsInf(q[i], 1) {
			p[i] = max(0, p[i]-q[i])
		}
	}
	return p
}

// or is a bound for what either of two bounds.
func (p polynomial) or(q polynomial) polynomial {
	for i := range p {
		p[i] = max(p[i], q[i])
	}
	return p
}

// summed is a bound for the sum over all numbers of bytes from 0 to the given one: of i^k that is no more than n^(k+1)/(k+1) + n^k.
func (p polynomial) summed() polynomial {
	q := p
	for k, c := range p {
		switch {
		case c == 0:
		case k+1 == len(p):
			q[k] = math.Inf(1)
		default:
			q[k+1] += c / float64(k+1)
		}
	}
	return q
}

// at is the bound for n bytes.
func (p polynomial) at(n int) float64 {
	sum := 0.0
	for i := len(p) - 1; i >= 0; i-- {
		sum = sum*float64(n) + p[i]
	}
	return sum
}
