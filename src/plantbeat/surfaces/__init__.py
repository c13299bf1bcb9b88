"""What any record can show: pages, API, table, form, filter, search, import, export, print, label."""
