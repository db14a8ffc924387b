package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"strconv"

	"github.com/objdisco/discover/archive"
	"github.com/objdisco/discover/discover"
	"github.com/objdisco/discover/discover/llm"
	"github.com/objdisco/discover/discover/propose"
	"github.com/objdisco/discover/sandbox"
)

// server says which server to ask, with the key from the environment.
func server(config discover.Config) llm.Config {
	return llm.Config{
		BaseURL: config.BaseURL, Key: llm.Secret(os.Getenv(keyVariable)), Timeout: config.RequestTimeout,
		Concurrency: config.Lag, PerMinute: config.RequestsPerMinute,
	}
}

// counted is server with a budget of which db keeps count: what earlier sittings have
// spent is used up, calls that were in flight when one was killed among it.
func counted(config discover.Config, db *archive.Archive) (llm.Config, error) {
	budget, err := newBudget(config, db)
	c := server(config)
	c.Budget = budget
	c.Begin = func(most llm.Usage) error { return db.BeginCall(archive.Usage(most)) }
	c.End = db.EndCall
	c.Lost = func(u llm.Usage) error { return db.SaveLost(archive.Usage(u)) }
	return c, err
}

// reach returns an error if a model is to be asked for the rest of a run and its server
// cannot be, or does not have one of the given models, those that are new to the run.
func (a *app) reach(ctx context.Context, start settings, db *archive.Archive, origin string, models []string) error {
	next, err := db.NextID()
	known := len(start.Catalog)
	if err != nil || origin != discover.ProposerLLM || max(next, known+1) > known+start.Config.Candidates {
		return err
	}
	c, err := counted(start.Config, db)
	if err != nil {
		return err
	}
	doubts, err := llm.Reach(ctx, c, models...)
	for _, doubt := range doubts {
		a.note("%s", printable(doubt))
	}
	return err
}

// newModelProposer returns a proposer that asks the configured model and keeps
// every reply in db.
func newModelProposer(start settings, db *archive.Archive, notify func(llm.Wait), overflowed func(propose.Overflow)) (discover.Proposer, error) {
	c, err := counted(start.Config, db)
	if err != nil {
		return nil, err
	}
	c.Notify = notify
	client, err := llm.New(c)
	if err != nil {
		return nil, err
	}
	p, err := modelPrompter(start, db.Reader)
	if err != nil {
		return nil, err
	}
	p.Completer, p.Journal, p.Overflowed = client, journal{readJournal{db.Reader}, db}, overflowed
	return budgeted{p}, nil
}

// modelPrompter is the part of the proposer that needs no server.
func modelPrompter(start settings, r *archive.Reader) (*propose.LLM, error) {
	set, err := start.promptSet()
	if err != nil {
		return nil, err
	}
	config := start.Config
	models := config.Model
	if len(models) == 0 { // a run without a model has prompts all the same
		models = discover.Models{{Weight: 1}}
	}
	return &propose.LLM{
		Journal: readJournal{r}, Prompts: set, Models: models, Language: sandbox.Stub(), Rules: sandbox.Rules(),
		MicroBatch: config.MicroBatch, HistoryTokens: config.HistoryTokens, MaxOutput: config.ReplyTokens, Temperature: &config.Temperature,
	}, nil
}

func newBudget(config discover.Config, db *archive.Archive) (*llm.Budget, error) {
	var text []byte
	if config.Prices != "" {
		f, err := os.Open(config.Prices)
		if err != nil {
			return nil, fmt.Errorf("prices: %w: name the table with --prices", err)
		}
		defer f.Close()
		if text, err = io.ReadAll(io.LimitReader(f, maxConfigBytes)); err != nil {
			return nil, fmt.Errorf("prices: %w", err)
		}
	}
	prices, err := llm.LoadPrices(config.Prices, text)
	if err != nil {
		return nil, err
	}
	if _, err := db.CountUnanswered(); err != nil {
		return nil, err
	}
	totals, err := db.Totals()
	if err != nil {
		return nil, err
	}
	limits := llm.Limits{Calls: config.MaxCalls, Tokens: config.MaxTokens, USD: config.MaxUSD}
	budget := llm.NewBudget(limits, prices, llm.Usage(totals.Usage))
	return budget, budget.Check(config.Model.Names()...)
}

// budgeted tells the search in its own terms that the budget is spent.
type budgeted struct{ *propose.LLM }

func (b budgeted) Propose(ctx context.Context, req propose.Request) (propose.Proposal, error) {
	p, err := b.LLM.Propose(ctx, req)
	return p, spent(err)
}

func (b budgeted) Repair(ctx context.Context, req propose.Request, previous propose.Proposal, rejection string, turn int) (propose.Proposal, error) {
	p, err := b.LLM.Repair(ctx, req, previous, rejection, turn)
	return p, spent(err)
}

func spent(err error) error {
	var budget *llm.BudgetError
	if errors.As(err, &budget) {
		return fmt.Errorf("%w: %w", discover.ErrBudget, err)
	}
	return err
}

// readJournal finds the replies that an archive has.
type readJournal struct{ r *archive.Reader }

func (j readJournal) Lookup(candidate string, call int) ([]byte, bool, error) {
	id, err := strconv.Atoi(candidate)
	if err != nil {
		return nil, false, err
	}
	r, found, err := j.r.Reply(id, call)
	return []byte(r.Raw), found, err
}

func (j readJournal) Store(candidate string, _ int, _ []byte) error {
	return fmt.Errorf("reply for candidate %s: the archive is open for reading only", candidate)
}

// journal keeps replies in the archive.
type journal struct {
	readJournal
	db *archive.Archive
}

func (j journal) Store(candidate string, call int, reply []byte) error {
	id, err := strconv.Atoi(candidate)
	if err != nil {
		return err
	}
	var record propose.Record
	if err := json.Unmarshal(reply, &record); err != nil {
		return err
	}
	return j.db.SaveReply(id, archive.Reply{
		Turn: call, Model: record.Model, Raw: string(reply), Finish: record.Finish, Usage: archive.Usage(record.Usage),
	})
}
