std = "max"
max_line_length = 120
