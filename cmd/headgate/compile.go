package main

import (
	"time"

	"github.com/headgate/headgate/diag"
	"github.com/headgate/headgate/manifest"
	"github.com/headgate/headgate/model"
	"github.com/headgate/headgate/render"
	"github.com/headgate/headgate/translate"
)

// compiler takes a Snapshot all the way to files. All verbs use it: there is no second path for a dry run.
type compiler struct {
	settings translate.Settings
	target   render.Target
	// adjust, if not nil, changes the Config before it is rendered.
	adjust func(*model.Config)
}

// compiled is what became of a Snapshot.
type compiled struct {
	config *model.Config
	files  []render.File
	// remarks are those of translation and rendering, sorted.
	remarks diag.List
	// translation and rendering are how long the two took.
	translation, rendering time.Duration
}

// compile translates and renders a Snapshot.
func (c *compiler) compile(snap *manifest.Snapshot) (compiled, error) {
	began := time.Now()
	cfg, remarks := translate.Run(snap, c.settings)
	if c.adjust != nil {
		c.adjust(cfg)
	}
	translated := time.Now()
	result, err := c.target.Render(cfg)
	if err != nil {
		return compiled{}, err
	}
	remarks = append(remarks, result.Diagnostics...)
	remarks.Sort()
	return compiled{
		config: cfg, files: result.Files, remarks: remarks,
		translation: translated.Sub(began), rendering: time.Since(translated),
	}, nil
}
