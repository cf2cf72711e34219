"""What the page of a run is made of: its verdict, the map with every number, the playground and the tour."""
