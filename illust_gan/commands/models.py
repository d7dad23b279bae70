"""``illust-gan models``: the trained generators that come with the package."""

import click


@click.command()
def models():
    """List the trained generators that come with the package.

    Their names go wherever a snapshot's path does:

    \b
    illust-gan generate rezoolab-avatars -o faces.png
    illust-gan inspect rezoolab-avatars
    """
    from illust_gan.serializers.models import list_models

    found = list_models()
    width = max((len(model.name) for model in found), default=0)
    for model in found:
        click.echo(f"{model.name:{width}}  {model.title}")
        click.echo(f"{'':{width}}  {model.folder}")
