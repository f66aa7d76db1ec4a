# The names that the seed projects use; npm does the work, and all set-up.
.PHONY: start test check test-postgres test-postgres-runtime test-org-silos

start test check:
	@npm run --silent $@

test-postgres:
	@npm run --silent test:postgres

test-postgres-runtime:
	@npm run --silent test:postgres-runtime

test-org-silos:
	@npm run --silent test:org-silos
