"""Every word octobot posts, and the one outlet that makes foreign text inert."""
