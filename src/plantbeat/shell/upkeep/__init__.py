"""Looking after an installation: backup, restore, upgrade, doctor, support bundle."""
