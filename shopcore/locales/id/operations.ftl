# Audit, checks, backups and alerts.

