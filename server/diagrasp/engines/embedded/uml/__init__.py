"""What UML and entity-relationship diagrams draw in their own way: compartments, relation heads, actors, shadows."""
