//! The published lists that a run's rules are mapped to, as SARIF taxonomies.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use crate::rule::Rule;
use crate::rule::frameworks::{self, Framework, Taxonomy};

/// The taxonomies that rules use, with the items that they use.
pub(super) fn of(rules: &[Rule]) -> Vec<Value> {
    let used = used(rules);
    let component = |taxonomy: &Taxonomy| {
        let taxa: Vec<_> = frameworks::ALL
            .iter()
            .filter(|f| f.taxonomy == *taxonomy && used.contains(f.id))
            .map(taxon)
            .collect();
        (!taxa.is_empty()).then(|| component(*taxonomy, &taxa))
    };
    Taxonomy::ALL.iter().filter_map(component).collect()
}

/// References to the same taxonomies, for `supportedTaxonomies`.
pub(super) fn references(rules: &[Rule]) -> Vec<Value> {
    let used = used(rules);
    let taxonomies: BTreeSet<_> = frameworks::ALL
        .iter()
        .filter(|f| used.contains(f.id))
        .map(|f| f.taxonomy)
        .collect();
    taxonomies.into_iter().map(reference).collect()
}

/// A rule's relation to an item: our rule is about it, no more is claimed.
pub(super) fn relationship(framework: &Framework) -> Value {
    json!({
        "target": {
            "id": framework.published_id(),
            "toolComponent": reference(framework.taxonomy),
        },
        "kinds": ["relevant"],
    })
}

fn used(rules: &[Rule]) -> BTreeSet<&str> {
    let ids = rules.iter().flat_map(|rule| rule.frameworks.iter());
    ids.map(AsRef::as_ref).collect()
}

fn reference(taxonomy: Taxonomy) -> Value {
    json!({ "name": taxonomy.name(), "guid": super::sarif::guid("taxonomy", taxonomy.name()) })
}

fn component(taxonomy: Taxonomy, taxa: &[Value]) -> Value {
    let mut component = json!({
        "name": taxonomy.name(),
        "guid": super::sarif::guid("taxonomy", taxonomy.name()),
        "organization": taxonomy.organization(),
        "shortDescription": { "text": format!("{}.", taxonomy.title()) },
        "informationUri": taxonomy.url(),
        "isComprehensive": false,
        "taxa": taxa,
    });
    if let (Some(version), Some(object)) = (taxonomy.version(), component.as_object_mut()) {
        object.insert("version".to_owned(), version.into());
    }
    component
}

fn taxon(framework: &Framework) -> Value {
    json!({
        "id": framework.published_id(),
        "shortDescription": { "text": format!("{}.", framework.title) },
    })
}
