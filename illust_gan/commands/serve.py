"""``illust-gan serve``: look at a page that ``export web`` wrote."""

import click


@click.command()
@click.argument("folder", type=click.Path())
@click.option(
    "--port",
    default=8000,
    show_default=True,
    type=click.IntRange(0, 65535),
    help="Of 127.0.0.1; 0 for one that is free.",
)
@click.option("--open", "opens", is_flag=True, help="Open the page in a browser.")
def serve(folder, port, opens):
    """Show the page in FOLDER, which export web wrote, to browsers of this machine only.

    Ctrl-C ends it. For others to see the page, copy FOLDER to any server of files.

    \b
    illust-gan export web rezoolab-avatars page
    illust-gan serve page --open
    """
    from illust_gan.export.server import make_server

    with make_server(folder, port) as server:
        address = f"http://127.0.0.1:{server.server_address[1]}/"
        click.echo(f"{folder} is at {address} until Ctrl-C")
        if opens:
            import webbrowser

            webbrowser.open(address)
        try:
            server.serve_forever()
        except KeyboardInterrupt:
            click.echo()
