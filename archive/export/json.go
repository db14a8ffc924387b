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

// maxJSONBytes bounds what is read of a JSON export; the largest ones, of long
// prompts and a thousand cells, have half a megabyte.
const maxJSONBytes = 16 << 20

// ReadJSON reads an objective that was exported as JSON, and nothing that such an
// export does not hold: a field that would be lost is an error. The graph is
// validated; what the export derived from it is not read.
func ReadJSON(r io.Reader) (Objective, error) {
	data, err := io.ReadAll(io.LimitReader(r, maxJSONBytes+1))
	if err != nil {
		return Objective{}, fmt.Errorf("read objective: %w", err)
	}
	if len(data) > maxJSONBytes {
		return Objective{}, fmt.Errorf("read objective: more than %d MiB are too many for an export", maxJSONBytes>>20)
	}
	doc, err := decodeDocument(data)
	if err != nil {
		return Objective{}, fmt.Errorf("read objective: %w", err)
	}
	if doc.Graph == nil {
		return Objective{}, fmt.Errorf("read objective: it has no graph")
	}
	if err := doc.Graph.Validate(); err != nil {
		return Objective{}, fmt.Errorf("read objective: %w", err)
	}
	// The archive holds what is JSON in itself without white space.
	for _, raw := range []*json.RawMessage{&doc.Candidate.Graph, &doc.Run.Config} {
		if *raw == nil {
			continue
		}
		var compact bytes.Buffer
		if err := json.Compact(&compact, *raw); err != nil {
			return Objective{}, fmt.Errorf("read objective: %w", err)
		}
		*raw = compact.Bytes()
	}
	return doc.Objective, nil
}

// decodeDocument decodes one document. The format comes first, so that a file of
// another kind is told from a damaged one.
func decodeDocument(data []byte) (document, error) {
	var doc document
	var head struct {
		Format string `json:"format"`
	}
	if err := json.Unmarshal(data, &head); err != nil {
		return doc, err
	}
	if head.Format != jsonFormat {
		return doc, fmt.Errorf("format %q, want %q: export it with --format json", head.Format, jsonFormat)
	}
	dec := json.NewDecoder(bytes.NewReader(data))
	dec.DisallowUnknownFields()
	return doc, dec.Decode(&doc)
}
