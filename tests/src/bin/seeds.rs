//! `seeds FOLDER`: writes what every decoder reads gladly, for the fuzz targets to begin from.

use std::path::PathBuf;
use std::{env, fs, io};

use chancery_tests::decoders::DECODERS;

fn main() -> io::Result<()> {
    let corpus: PathBuf = env::args_os().nth(1).ok_or(io::ErrorKind::InvalidInput)?.into();
    for decoder in DECODERS {
        let folder = corpus.join(decoder.name);
        fs::create_dir_all(&folder)?;
        for (index, seed) in (decoder.seeds)().iter().enumerate() {
            fs::write(folder.join(format!("seed-{index}")), seed)?;
        }
    }
    Ok(())
}
