"""Export files → records that are accounted for, with people hidden."""
