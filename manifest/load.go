package manifest

import (
	"github.com/headgate/headgate/diag"
)

// Input is one file, or what came in place of one.
type Input struct {
	// Name is what positions show.
	Name string
	Data []byte
}

// LoadOptions changes how inputs are read. The zero value is right for most uses.
type LoadOptions struct {
	// DefaultNamespace is the namespace of objects that do not say theirs; "default" if empty.
	DefaultNamespace string
	// Limits are what is read at most; fields that are 0 have the values of [DefaultLimits].
	Limits Limits
}

// Limits bound what one input may cost.
type Limits struct {
	// InputBytes and DocumentBytes are sizes; Documents is how many documents one input may have.
	InputBytes, DocumentBytes, Documents int
	// Marks is how many line ends, commas and colons a document may have: what bounds the memory that it takes.
	Marks int
	// Depth is how deeply an object may be nested, Expanded how many values the YAML aliases of a document may stand for.
	Depth, Expanded int
}

// DefaultLimits is far above what real manifests need: one List of ten thousand Ingresses fits in.
func DefaultLimits() Limits {
	return Limits{
		InputBytes:    128 << 20,
		DocumentBytes: 64 << 20,
		Documents:     100_000,
		Marks:         4_000_000,
		Depth:         64,
		Expanded:      100_000,
	}
}

// withDefaults fills in what is 0.
func (l Limits) withDefaults() Limits {
	fill := func(v *int, standard int) {
		if *v == 0 {
			*v = standard
		}
	}
	d := DefaultLimits()
	fill(&l.InputBytes, d.InputBytes)
	fill(&l.DocumentBytes, d.DocumentBytes)
	fill(&l.Documents, d.Documents)
	fill(&l.Marks, d.Marks)
	fill(&l.Depth, d.Depth)
	fill(&l.Expanded, d.Expanded)
	return l
}

// Load reads YAML and JSON: any number of documents, Lists, the output of Helm and kustomize. What cannot be read costs only itself
// and is reported with its place; kinds that Headgate has no use for are passed over. Objects come in the order of the inputs.
func Load(inputs []Input, opts LoadOptions) ([]Object, diag.List) {
	if opts.DefaultNamespace == "" {
		opts.DefaultNamespace = "default"
	}
	opts.Limits = opts.Limits.withDefaults()
	l := &loader{opts: opts}
	for _, in := range inputs {
		l.readInput(in)
	}
	l.diags.Sort()
	return l.objects, l.diags
}

// loader gathers what the inputs hold.
type loader struct {
	opts    LoadOptions
	objects []Object
	diags   diag.List
}

func (l *loader) readInput(in Input) {
	limits := l.opts.Limits
	file := diag.Pos{File: in.Name}
	if len(in.Data) > limits.InputBytes {
		l.diags.Add(diag.InputLimit.At(file, diag.Ref{}, "", "the input has %d bytes, more than the %d that are read; it is passed over", len(in.Data), limits.InputBytes))
		return
	}
	documents := 0
	for c := range split(in.Data) {
		if c.blank() {
			continue
		}
		documents++
		if documents > limits.Documents {
			l.diags.Add(diag.InputLimit.At(c.start(in.Name), diag.Ref{}, "", "there are more than %d documents in the input; those from here on are passed over", limits.Documents))
			return
		}
		l.readChunk(in.Name, c)
	}
}

// readChunk reads the text of one document, which may turn out to be several if it is JSON.
func (l *loader) readChunk(file string, c chunk) {
	if problem := c.exceeds(l.opts.Limits); problem != "" {
		l.diags.Add(diag.InputLimit.At(c.start(file), diag.Ref{}, "", "the document %s; it is passed over", problem))
		return
	}
	roots, err := parse(c, l.opts.Limits.Depth)
	for _, root := range roots {
		d := &document{loader: l, file: file, offset: c.line}
		if n, problem := beyond(root, l.opts.Limits); n != nil {
			d.report(diag.InputLimit, n, "%s; the document is passed over", problem)
			continue
		}
		d.read(root, typeName{})
	}
	if err != nil {
		l.diags.Add(err.diagnostic(file, c))
	}
}
