"""The nets, a file for each article: Generator, Discriminator and recipe."""

from illust_gan.nets import maccha, rezoolab

RECIPES = {module.recipe.name: module.recipe for module in (rezoolab, maccha)}
"""dict: The recipe of each net by the name that ``--net`` takes."""
