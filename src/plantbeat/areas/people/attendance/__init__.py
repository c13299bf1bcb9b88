"""Attendance by exception, and staffing of the lines against what they need."""
