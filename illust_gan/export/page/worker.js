// Draws faces beside the page, which never waits for it.

let session;
let ort;

onmessage = async ({ data }) => {
  try {
    if (data.start) postMessage({ started: await start(data.start) });
    else {
      const pixels = await draw(data.z, data.n);
      postMessage({ pixels }, [pixels.buffer]);
    }
  } catch (error) {
    postMessage({ error: String(error?.message ?? error) });
  }
};

/** Load what can run here, the model, and make of them what draws; return its name. */
async function start({ model, bytes, processor }) {
  const loaded = new Map();
  const progress = (name, count) => {
    loaded.set(name, Math.min(count, bytes[name]));
    const wanted = [...loaded.keys()].reduce((sum, key) => sum + bytes[key], 0);
    postMessage({ loaded: [...loaded.values()].reduce((a, b) => a + b, 0), wanted });
  };
  const data = load(model, progress);
  // Awaited only later: without this a failure until then would be nobody's.
  data.catch(() => {});
  if (processor !== "wasm" && (await hasWebGPU(processor))) {
    try {
      await open("ort.jspi", "webgpu", await data, progress);
      return "WebGPU";
    } catch (error) {
      if (processor === "webgpu") throw error;
      console.info(`WebGPU does not draw here (${error.message}); WebAssembly does instead`);
    }
  }
  await open("ort.wasm", "wasm", await data, progress);
  return "WebAssembly";
}

async function hasWebGPU(processor) {
  if (!navigator.gpu || !("Suspending" in WebAssembly)) return false;
  const adapter = await navigator.gpu.requestAdapter().catch(() => null);
  // One that is a program itself is slower than WebAssembly.
  return Boolean(adapter) && (processor === "webgpu" || !adapter.info?.isFallbackAdapter);
}

async function open(runtime, provider, model, progress) {
  const [module, program] = await Promise.all([
    import(`./runtime/${runtime}.js`),
    load(`runtime/${runtime}.gz`, progress).then(unzip),
  ]);
  ort = module;
  ort.env.wasm.wasmBinary = program;
  // More want headers from the server that a plain one does not send.
  ort.env.wasm.numThreads = 1;
  session = await ort.InferenceSession.create(model, {
    executionProviders: [provider],
    // Errors only.
    logSeverityLevel: 3,
  });
  await draw(new Float32Array(session.inputMetadata[0].shape[1]), 1);
}

async function load(path, progress) {
  const response = await fetch(path);
  if (!response.ok) throw new Error(`${path}: ${response.status} ${response.statusText}`);
  const parts = [];
  let count = 0;
  const reader = response.body.getReader();
  for (let part = await reader.read(); !part.done; part = await reader.read()) {
    parts.push(part.value);
    progress(path, (count += part.value.length));
  }
  return new Uint8Array(await new Blob(parts).arrayBuffer());
}

/** Some servers say of a .gz that it is encoded so, and the browser has unpacked it already. */
async function unzip(data) {
  if (data[0] !== 0x1f || data[1] !== 0x8b) return data.buffer;
  const stream = new Blob([data]).stream().pipeThrough(new DecompressionStream("gzip"));
  return new Response(stream).arrayBuffer();
}

/**
 * @param {Float32Array} z (n, nHidden)
 * @returns {Promise<Uint8ClampedArray>} (n, size, size, 4), as `illust_gan.datasets.pixels.to_pixels`
 *   makes them.
 */
async function draw(z, n) {
  const { picture } = await session.run({ z: new ort.Tensor("float32", z, [n, z.length / n]) });
  const x = await picture.getData();
  const [, channels, height, width] = picture.dims;
  const area = height * width;
  // It rounds halves to even, as NumPy's rint, and clips.
  const pixels = new Uint8ClampedArray(4 * n * area).fill(255);
  for (let i = 0; i < n; i++) {
    for (let c = 0; c < 3; c++) {
      const from = (i * channels + (c % channels)) * area;
      for (let p = 0; p < area; p++) pixels[4 * (i * area + p) + c] = 128 * x[from + p] + 128;
    }
  }
  picture.dispose();
  return pixels;
}
