"""The nets, a file for each article: Generator, Discriminator and recipe."""

from illust_gan.nets import kim, kim_conditional, maccha, rezoolab, sugyan

_ALL = (rezoolab, maccha, sugyan, kim, kim_conditional)
RECIPES = {module.recipe.name: module.recipe for module in _ALL}
"""dict: The recipe of each net by the name that ``--net`` takes."""

NAMES = " or ".join([", ".join(list(RECIPES)[:-1]), list(RECIPES)[-1]])
"""str: These names, for a message."""
