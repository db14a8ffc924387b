package export

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"

	"github.com/objdisco/discover/sandbox/graph"
)

// jsonFormat names the shape of a JSON export.
const jsonFormat = "discover-objective/1"

// document is a JSON export. What follows Objective is derived from it.
type document struct {
	Format string `json:"format"`
	Objective
	Formula   string           `json:"formula"`
	Datasheet *graph.Datasheet `json:"datasheet"`
	Facts     []string         `json:"facts"`
}

// jsonFiles writes an objective as JSON.
func jsonFiles(o Objective) ([]file, error) {
	sheet, err := graph.Inspect(o.Graph)
	if err != nil {
		return nil, err
	}
	data, err := json.MarshalIndent(document{jsonFormat, o, graph.Formula(o.Graph), sheet, sheet.Facts()}, "", "  ")
	if err != nil {
		return nil, err
	}
	return []file{{o.stem() + ".json", append(data, '\n')}}, nil
}

// ReadJSON reads an objective that was exported as JSON. The graph is validated;
// what the export derived from it is not read.
func ReadJSON(r io.Reader) (Objective, error) {
	data, err := io.ReadAll(r)
	if err != nil {
		return Objective{}, fmt.Errorf("read objective: %w", err)
	}
	var doc document
	if err := json.Unmarshal(data, &doc); err != nil {
		return Objective{}, fmt.Errorf("read objective: %w", err)
	}
	if doc.Format != jsonFormat {
		return Objective{}, fmt.Errorf("read objective: format %q, want %q: export it with --format json", doc.Format, jsonFormat)
	}
	if doc.Graph == nil {
		return Objective{}, fmt.Errorf("read objective: it has no graph")
	}
	if err := doc.Graph.Validate(); err != nil {
		return Objective{}, fmt.Errorf("read objective: %w", err)
	}
	if doc.Candidate.Graph != nil {
		var compact bytes.Buffer
		if err := json.Compact(&compact, doc.Candidate.Graph); err != nil {
			return Objective{}, fmt.Errorf("read objective: %w", err)
		}
		doc.Candidate.Graph = compact.Bytes()
	}
	return doc.Objective, nil
}
