func checkComposed(_ roles: [CheckedRole], in definition: Definition, _ findings: inout Findings) {}
