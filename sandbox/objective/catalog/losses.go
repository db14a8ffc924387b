package catalog

import (
	"github.com/objdisco/discover/sandbox/objective"
	"github.com/objdisco/discover/sandbox/objective/catalog/aot"
	"github.com/objdisco/discover/sandbox/objective/catalog/aot_unpaired"
	"github.com/objdisco/discover/sandbox/objective/catalog/apo_down"
	"github.com/objdisco/discover/sandbox/objective/catalog/apo_zero"
	"github.com/objdisco/discover/sandbox/objective/catalog/aqfl"
	"github.com/objdisco/discover/sandbox/objective/catalog/aql"
	"github.com/objdisco/discover/sandbox/objective/catalog/bco_pair_nodelta"
	"github.com/objdisco/discover/sandbox/objective/catalog/cdpo"
	"github.com/objdisco/discover/sandbox/objective/catalog/cell"
	"github.com/objdisco/discover/sandbox/objective/catalog/cpo"
	"github.com/objdisco/discover/sandbox/objective/catalog/dbaql"
	"github.com/objdisco/discover/sandbox/objective/catalog/dpo"
	"github.com/objdisco/discover/sandbox/objective/catalog/dpop"
	"github.com/objdisco/discover/sandbox/objective/catalog/exo_pair"
	"github.com/objdisco/discover/sandbox/objective/catalog/exponential"
	"github.com/objdisco/discover/sandbox/objective/catalog/fdpo_fkl"
	"github.com/objdisco/discover/sandbox/objective/catalog/fdpo_jsd"
	"github.com/objdisco/discover/sandbox/objective/catalog/hinge"
	"github.com/objdisco/discover/sandbox/objective/catalog/ipo"
	"github.com/objdisco/discover/sandbox/objective/catalog/ipo_norm"
	"github.com/objdisco/discover/sandbox/objective/catalog/irpo"
	"github.com/objdisco/discover/sandbox/objective/catalog/kto_pair_sum"
	"github.com/objdisco/discover/sandbox/objective/catalog/lrml"
	"github.com/objdisco/discover/sandbox/objective/catalog/nca_pair"
	"github.com/objdisco/discover/sandbox/objective/catalog/orpo"
	"github.com/objdisco/discover/sandbox/objective/catalog/padll"
	"github.com/objdisco/discover/sandbox/objective/catalog/pfl"
	"github.com/objdisco/discover/sandbox/objective/catalog/rdpo"
	"github.com/objdisco/discover/sandbox/objective/catalog/robust"
	"github.com/objdisco/discover/sandbox/objective/catalog/savage"
	"github.com/objdisco/discover/sandbox/objective/catalog/sigmoid_norm"
	"github.com/objdisco/discover/sandbox/objective/catalog/simpo"
	"github.com/objdisco/discover/sandbox/objective/catalog/sppo_hard"
	"github.com/objdisco/discover/sandbox/objective/catalog/truncated_quadratic"
)

// losses maps every entry to its compiled form. A test holds it equal to the
// embedded folders.
var losses = map[string]func(objective.Batch) objective.Vec{
	"aot":                 aot.Loss,
	"aot_unpaired":        aot_unpaired.Loss,
	"apo_down":            apo_down.Loss,
	"apo_zero":            apo_zero.Loss,
	"aqfl":                aqfl.Loss,
	"aql":                 aql.Loss,
	"bco_pair_nodelta":    bco_pair_nodelta.Loss,
	"cdpo":                cdpo.Loss,
	"cell":                cell.Loss,
	"cpo":                 cpo.Loss,
	"dbaql":               dbaql.Loss,
	"dpo":                 dpo.Loss,
	"dpop":                dpop.Loss,
	"exo_pair":            exo_pair.Loss,
	"exponential":         exponential.Loss,
	"fdpo_fkl":            fdpo_fkl.Loss,
	"fdpo_jsd":            fdpo_jsd.Loss,
	"hinge":               hinge.Loss,
	"ipo":                 ipo.Loss,
	"ipo_norm":            ipo_norm.Loss,
	"irpo":                irpo.Loss,
	"kto_pair_sum":        kto_pair_sum.Loss,
	"lrml":                lrml.Loss,
	"nca_pair":            nca_pair.Loss,
	"orpo":                orpo.Loss,
	"padll":               padll.Loss,
	"pfl":                 pfl.Loss,
	"rdpo":                rdpo.Loss,
	"robust":              robust.Loss,
	"savage":              savage.Loss,
	"sigmoid_norm":        sigmoid_norm.Loss,
	"simpo":               simpo.Loss,
	"sppo_hard":           sppo_hard.Loss,
	"truncated_quadratic": truncated_quadratic.Loss,
}
