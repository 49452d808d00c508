//! The closed list of framework ids that a rule may name.
//!
//! Titles are the publishers' own words, since an auditor searches for them. The
//! build script compiles this file too, so it depends on nothing else in the crate.

/// A published list that rules are mapped to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Taxonomy {
    /// OWASP Non-Human Identities Top 10.
    Nhi,
    /// OWASP Top 10 CI/CD Security Risks.
    Cicd,
    /// OWASP Top 10 for LLM Applications.
    Llm,
    /// OWASP Top 10 for Agentic Applications.
    Agentic,
    /// OWASP MCP Top 10, a beta: never a rule's first framework.
    Mcp,
    /// NIST Cybersecurity Framework 2.0.
    Csf,
    /// Common Weakness Enumeration.
    Cwe,
}

impl Taxonomy {
    /// Every list, in the order of [`ALL`].
    pub const ALL: &'static [Self] = &[
        Self::Nhi,
        Self::Cicd,
        Self::Llm,
        Self::Agentic,
        Self::Mcp,
        Self::Csf,
        Self::Cwe,
    ];

    /// Short name, as SARIF's `toolComponent.name`.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Nhi => "OWASP-NHI-2025",
            Self::Cicd => "OWASP-CICD-SEC",
            Self::Llm => "OWASP-LLM-2025",
            Self::Agentic => "OWASP-ASI-2026",
            Self::Mcp => "OWASP-MCP-2025",
            Self::Csf => "NIST-CSF-2.0",
            Self::Cwe => "CWE",
        }
    }

    /// The list's own name.
    pub const fn title(self) -> &'static str {
        match self {
            Self::Nhi => "OWASP Non-Human Identities Top 10",
            Self::Cicd => "OWASP Top 10 CI/CD Security Risks",
            Self::Llm => "OWASP Top 10 for LLM Applications",
            Self::Agentic => "OWASP Top 10 for Agentic Applications",
            Self::Mcp => "OWASP MCP Top 10",
            Self::Csf => "NIST Cybersecurity Framework",
            Self::Cwe => "Common Weakness Enumeration",
        }
    }

    /// Edition; `None` where ids keep their meaning from one edition to the next.
    pub const fn version(self) -> Option<&'static str> {
        match self {
            Self::Nhi | Self::Llm => Some("2025"),
            Self::Mcp => Some("2025 beta"),
            Self::Agentic => Some("2026"),
            Self::Csf => Some("2.0"),
            Self::Cicd | Self::Cwe => None,
        }
    }

    /// Where it is published.
    pub const fn url(self) -> &'static str {
        match self {
            Self::Nhi => "https://owasp.org/www-project-non-human-identities-top-10/2025/",
            Self::Cicd => "https://owasp.org/www-project-top-10-ci-cd-security-risks/",
            Self::Llm => "https://genai.owasp.org/llm-top-10/",
            Self::Agentic => {
                "https://genai.owasp.org/resource/owasp-top-10-for-agentic-applications-for-2026/"
            }
            Self::Mcp => "https://owasp.org/www-project-mcp-top-10/",
            Self::Csf => "https://www.nist.gov/cyberframework",
            Self::Cwe => "https://cwe.mitre.org/",
        }
    }

    /// Who publishes it.
    pub const fn organization(self) -> &'static str {
        match self {
            Self::Csf => "NIST",
            Self::Cwe => "MITRE",
            _ => "OWASP",
        }
    }
}

/// One item of a published list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Framework {
    /// The id as rules write it, such as `NHI2:2025` or `CSF-PR.AA-05`.
    pub id: &'static str,
    /// Its title or, for NIST CSF, its outcome statement.
    pub title: &'static str,
    /// The list it belongs to.
    pub taxonomy: Taxonomy,
}

impl Framework {
    /// The id as its publisher writes it: without our prefix for NIST CSF, and the
    /// number alone for CWE.
    pub fn published_id(&self) -> &'static str {
        let prefix = match self.taxonomy {
            Taxonomy::Csf => "CSF-",
            Taxonomy::Cwe => "CWE-",
            _ => "",
        };
        self.id.strip_prefix(prefix).unwrap_or(self.id)
    }
}

/// The framework item with this id.
pub fn find(id: &str) -> Option<&'static Framework> {
    ALL.iter().find(|framework| framework.id == id)
}

/// What to write instead of an id of NIST CSF 1.1, with or without our prefix.
pub fn superseded(id: &str) -> Option<&'static str> {
    let id = id.strip_prefix("CSF-").unwrap_or(id);
    OLD.iter().find(|(old, _)| *old == id).map(|(_, new)| *new)
}

/// NIST CSF 1.1 subcategories and their heirs in 2.0.
const OLD: &[(&str, &str)] = &[
    ("PR.AC-1", "CSF-PR.AA-01"),
    ("PR.AC-4", "CSF-PR.AA-05"),
    ("PR.IP-3", "CSF-ID.RA-07"),
    ("DE.CM-1", "CSF-DE.CM-01, CSF-DE.CM-03 or CSF-DE.CM-09"),
    ("DE.CM-3", "CSF-DE.CM-03"),
    (
        "DE.CM-7",
        "CSF-DE.CM-01, CSF-DE.CM-03, CSF-DE.CM-06 or CSF-DE.CM-09",
    ),
];

/// Makes one item.
const fn item(taxonomy: Taxonomy, id: &'static str, title: &'static str) -> Framework {
    Framework {
        id,
        title,
        taxonomy,
    }
}

/// Every id, list by list.
#[rustfmt::skip] // one line an item is a table
pub const ALL: &[Framework] = &[
    item(Taxonomy::Nhi, "NHI1:2025", "Improper Offboarding"),
    item(Taxonomy::Nhi, "NHI2:2025", "Secret Leakage"),
    item(Taxonomy::Nhi, "NHI3:2025", "Vulnerable Third-Party NHI"),
    item(Taxonomy::Nhi, "NHI4:2025", "Insecure Authentication"),
    item(Taxonomy::Nhi, "NHI5:2025", "Overprivileged NHI"),
    item(Taxonomy::Nhi, "NHI6:2025", "Insecure Cloud Deployment Configurations"),
    item(Taxonomy::Nhi, "NHI7:2025", "Long-Lived Secrets"),
    item(Taxonomy::Nhi, "NHI8:2025", "Environment Isolation"),
    item(Taxonomy::Nhi, "NHI9:2025", "NHI Reuse"),
    item(Taxonomy::Nhi, "NHI10:2025", "Human Use of NHI"),
    item(Taxonomy::Cicd, "CICD-SEC-1", "Insufficient Flow Control Mechanisms"),
    item(Taxonomy::Cicd, "CICD-SEC-2", "Inadequate Identity and Access Management"),
    item(Taxonomy::Cicd, "CICD-SEC-3", "Dependency Chain Abuse"),
    item(Taxonomy::Cicd, "CICD-SEC-4", "Poisoned Pipeline Execution (PPE)"),
    item(Taxonomy::Cicd, "CICD-SEC-5", "Insufficient PBAC (Pipeline-Based Access Controls)"),
    item(Taxonomy::Cicd, "CICD-SEC-6", "Insufficient Credential Hygiene"),
    item(Taxonomy::Cicd, "CICD-SEC-7", "Insecure System Configuration"),
    item(Taxonomy::Cicd, "CICD-SEC-8", "Ungoverned Usage of 3rd Party Services"),
    item(Taxonomy::Cicd, "CICD-SEC-9", "Improper Artifact Integrity Validation"),
    item(Taxonomy::Cicd, "CICD-SEC-10", "Insufficient Logging and Visibility"),
    item(Taxonomy::Llm, "LLM01:2025", "Prompt Injection"),
    item(Taxonomy::Llm, "LLM02:2025", "Sensitive Information Disclosure"),
    item(Taxonomy::Llm, "LLM03:2025", "Supply Chain"),
    item(Taxonomy::Llm, "LLM04:2025", "Data and Model Poisoning"),
    item(Taxonomy::Llm, "LLM05:2025", "Improper Output Handling"),
    item(Taxonomy::Llm, "LLM06:2025", "Excessive Agency"),
    item(Taxonomy::Llm, "LLM07:2025", "System Prompt Leakage"),
    item(Taxonomy::Llm, "LLM08:2025", "Vector and Embedding Weaknesses"),
    item(Taxonomy::Llm, "LLM09:2025", "Misinformation"),
    item(Taxonomy::Llm, "LLM10:2025", "Unbounded Consumption"),
    item(Taxonomy::Agentic, "ASI01", "Agent Goal Hijack"),
    item(Taxonomy::Agentic, "ASI02", "Tool Misuse and Exploitation"),
    item(Taxonomy::Agentic, "ASI03", "Identity and Privilege Abuse"),
    item(Taxonomy::Agentic, "ASI04", "Agentic Supply Chain Vulnerabilities"),
    item(Taxonomy::Agentic, "ASI05", "Unexpected Code Execution (RCE)"),
    item(Taxonomy::Agentic, "ASI06", "Memory & Context Poisoning"),
    item(Taxonomy::Agentic, "ASI07", "Insecure Inter-Agent Communication"),
    item(Taxonomy::Agentic, "ASI08", "Cascading Failures"),
    item(Taxonomy::Agentic, "ASI09", "Human-Agent Trust Exploitation"),
    item(Taxonomy::Agentic, "ASI10", "Rogue Agents"),
    item(Taxonomy::Mcp, "MCP01", "Token Mismanagement & Secret Exposure"),
    item(Taxonomy::Mcp, "MCP02", "Privilege Escalation via Scope Creep"),
    item(Taxonomy::Mcp, "MCP03", "Tool Poisoning"),
    item(Taxonomy::Mcp, "MCP04", "Software Supply Chain Attacks & Dependency Tampering"),
    item(Taxonomy::Mcp, "MCP05", "Command Injection & Execution"),
    item(Taxonomy::Mcp, "MCP06", "Intent Flow Subversion"),
    item(Taxonomy::Mcp, "MCP07", "Insufficient Authentication & Authorization"),
    item(Taxonomy::Mcp, "MCP08", "Lack of Audit and Telemetry"),
    item(Taxonomy::Mcp, "MCP09", "Shadow MCP Servers"),
    item(Taxonomy::Mcp, "MCP10", "Context Injection & Over-Sharing"),
    item(Taxonomy::Csf, "CSF-GV.PO-01", "Policy for managing cybersecurity risks is established based on organizational context, cybersecurity strategy, and priorities and is communicated and enforced"),
    item(Taxonomy::Csf, "CSF-GV.PO-02", "Policy for managing cybersecurity risks is reviewed, updated, communicated, and enforced to reflect changes in requirements, threats, technology, and organizational mission"),
    item(Taxonomy::Csf, "CSF-GV.RM-06", "A standardized method for calculating, documenting, categorizing, and prioritizing cybersecurity risks is established and communicated"),
    item(Taxonomy::Csf, "CSF-GV.RR-02", "Roles, responsibilities, and authorities related to cybersecurity risk management are established, communicated, understood, and enforced"),
    item(Taxonomy::Csf, "CSF-GV.SC-05", "Requirements to address cybersecurity risks in supply chains are established, prioritized, and integrated into contracts and other types of agreements with suppliers and other relevant third parties"),
    item(Taxonomy::Csf, "CSF-GV.SC-07", "The risks posed by a supplier, their products and services, and other third parties are understood, recorded, prioritized, assessed, responded to, and monitored over the course of the relationship"),
    item(Taxonomy::Csf, "CSF-ID.AM-02", "Inventories of software, services, and systems managed by the organization are maintained"),
    item(Taxonomy::Csf, "CSF-ID.AM-04", "Inventories of services provided by suppliers are maintained"),
    item(Taxonomy::Csf, "CSF-ID.AM-08", "Systems, hardware, software, services, and data are managed throughout their life cycles"),
    item(Taxonomy::Csf, "CSF-ID.RA-07", "Changes and exceptions are managed, assessed for risk impact, recorded, and tracked"),
    item(Taxonomy::Csf, "CSF-PR.AA-01", "Identities and credentials for authorized users, services, and hardware are managed by the organization"),
    item(Taxonomy::Csf, "CSF-PR.AA-02", "Identities are proofed and bound to credentials based on the context of interactions"),
    item(Taxonomy::Csf, "CSF-PR.AA-03", "Users, services, and hardware are authenticated"),
    item(Taxonomy::Csf, "CSF-PR.AA-04", "Identity assertions are protected, conveyed, and verified"),
    item(Taxonomy::Csf, "CSF-PR.AA-05", "Access permissions, entitlements, and authorizations are defined in a policy, managed, enforced, and reviewed, and incorporate the principles of least privilege and separation of duties"),
    item(Taxonomy::Csf, "CSF-PR.DS-02", "The confidentiality, integrity, and availability of data-in-transit are protected"),
    item(Taxonomy::Csf, "CSF-PR.IR-01", "Networks and environments are protected from unauthorized logical access and usage"),
    item(Taxonomy::Csf, "CSF-PR.PS-01", "Configuration management practices are established and applied"),
    item(Taxonomy::Csf, "CSF-PR.PS-04", "Log records are generated and made available for continuous monitoring"),
    item(Taxonomy::Csf, "CSF-PR.PS-05", "Installation and execution of unauthorized software are prevented"),
    item(Taxonomy::Csf, "CSF-PR.PS-06", "Secure software development practices are integrated, and their performance is monitored throughout the software development life cycle"),
    item(Taxonomy::Csf, "CSF-DE.CM-01", "Networks and network services are monitored to find potentially adverse events"),
    item(Taxonomy::Csf, "CSF-DE.CM-03", "Personnel activity and technology usage are monitored to find potentially adverse events"),
    item(Taxonomy::Csf, "CSF-DE.CM-06", "External service provider activities and services are monitored to find potentially adverse events"),
    item(Taxonomy::Csf, "CSF-DE.CM-09", "Computing hardware and software, runtime environments, and their data are monitored to find potentially adverse events"),
    item(Taxonomy::Cwe, "CWE-78", "Improper Neutralization of Special Elements used in an OS Command ('OS Command Injection')"),
    item(Taxonomy::Cwe, "CWE-94", "Improper Control of Generation of Code ('Code Injection')"),
    item(Taxonomy::Cwe, "CWE-250", "Execution with Unnecessary Privileges"),
    item(Taxonomy::Cwe, "CWE-259", "Use of Hard-coded Password"),
    item(Taxonomy::Cwe, "CWE-266", "Incorrect Privilege Assignment"),
    item(Taxonomy::Cwe, "CWE-269", "Improper Privilege Management"),
    item(Taxonomy::Cwe, "CWE-284", "Improper Access Control"),
    item(Taxonomy::Cwe, "CWE-285", "Improper Authorization"),
    item(Taxonomy::Cwe, "CWE-287", "Improper Authentication"),
    item(Taxonomy::Cwe, "CWE-288", "Authentication Bypass Using an Alternate Path or Channel"),
    item(Taxonomy::Cwe, "CWE-290", "Authentication Bypass by Spoofing"),
    item(Taxonomy::Cwe, "CWE-295", "Improper Certificate Validation"),
    item(Taxonomy::Cwe, "CWE-306", "Missing Authentication for Critical Function"),
    item(Taxonomy::Cwe, "CWE-319", "Cleartext Transmission of Sensitive Information"),
    item(Taxonomy::Cwe, "CWE-321", "Use of Hard-coded Cryptographic Key"),
    item(Taxonomy::Cwe, "CWE-347", "Improper Verification of Cryptographic Signature"),
    item(Taxonomy::Cwe, "CWE-352", "Cross-Site Request Forgery (CSRF)"),
    item(Taxonomy::Cwe, "CWE-441", "Unintended Proxy or Intermediary ('Confused Deputy')"),
    item(Taxonomy::Cwe, "CWE-489", "Active Debug Code"),
    item(Taxonomy::Cwe, "CWE-494", "Download of Code Without Integrity Check"),
    item(Taxonomy::Cwe, "CWE-502", "Deserialization of Untrusted Data"),
    item(Taxonomy::Cwe, "CWE-522", "Insufficiently Protected Credentials"),
    item(Taxonomy::Cwe, "CWE-613", "Insufficient Session Expiration"),
    item(Taxonomy::Cwe, "CWE-639", "Authorization Bypass Through User-Controlled Key"),
    item(Taxonomy::Cwe, "CWE-668", "Exposure of Resource to Wrong Sphere"),
    item(Taxonomy::Cwe, "CWE-672", "Operation on a Resource after Expiration or Release"),
    item(Taxonomy::Cwe, "CWE-693", "Protection Mechanism Failure"),
    item(Taxonomy::Cwe, "CWE-732", "Incorrect Permission Assignment for Critical Resource"),
    item(Taxonomy::Cwe, "CWE-778", "Insufficient Logging"),
    item(Taxonomy::Cwe, "CWE-798", "Use of Hard-coded Credentials"),
    item(Taxonomy::Cwe, "CWE-829", "Inclusion of Functionality from Untrusted Control Sphere"),
    item(Taxonomy::Cwe, "CWE-862", "Missing Authorization"),
    item(Taxonomy::Cwe, "CWE-863", "Incorrect Authorization"),
    item(Taxonomy::Cwe, "CWE-912", "Hidden Functionality"),
    item(Taxonomy::Cwe, "CWE-1188", "Initialization of a Resource with an Insecure Default"),
    item(Taxonomy::Cwe, "CWE-1220", "Insufficient Granularity of Access Control"),
    item(Taxonomy::Cwe, "CWE-1390", "Weak Authentication"),
];

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn ids_are_unique_and_lists_are_complete() {
        let ids: BTreeSet<_> = ALL.iter().map(|f| f.id).collect();
        assert_eq!(ids.len(), ALL.len());
        for taxonomy in Taxonomy::ALL {
            let items = ALL.iter().filter(|f| f.taxonomy == *taxonomy).count();
            if !matches!(taxonomy, Taxonomy::Csf | Taxonomy::Cwe) {
                assert_eq!(items, 10, "{}", taxonomy.name());
            }
            assert!(items > 0);
        }
        assert!(ALL.is_sorted_by_key(|f| f.taxonomy));
    }

    #[test]
    fn finds_by_exact_id() {
        let framework = find("CSF-PR.AA-05").unwrap();
        assert_eq!(framework.published_id(), "PR.AA-05");
        assert_eq!(find("CWE-798").unwrap().published_id(), "798");
        assert_eq!(find("NHI10:2025").unwrap().title, "Human Use of NHI");
        assert!(find("PR.AA-05").is_none());
        assert!(find("cwe-798").is_none());
        assert!(find("LLM6:2025").is_none());
    }

    #[test]
    fn hints_replace_ids_of_csf_1_1() {
        assert_eq!(superseded("PR.AC-4"), Some("CSF-PR.AA-05"));
        assert!(superseded("CSF-DE.CM-1").unwrap().contains("CSF-DE.CM-09"));
        assert_eq!(superseded("CSF-DE.CM-01"), None);
        for (_, heirs) in OLD {
            for heir in heirs.split([',', ' ']).filter(|w| w.starts_with("CSF-")) {
                assert!(find(heir).is_some(), "{heir}");
            }
        }
    }
}
