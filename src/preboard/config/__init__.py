"""Settings and the rules of names: vocabulary that all packages of a project share."""
