//! Whether a file is a library that this process can open.
//!
//! The loader of the system trusts what it maps: a truncated file ends the process by a signal. So
//! the file is looked at before.

use object::read::elf::{FileHeader, ProgramHeader, SectionHeader};
use object::{Architecture, BinaryFormat, Endianness, FileKind, Object, elf};

/// # Errors
/// What it is instead, and what to do.
pub(super) fn check(bytes: &[u8]) -> Result<(), String> {
    if !cfg!(target_os = "linux") {
        return Ok(());
    }
    let no_library = |why: &dyn std::fmt::Display| {
        format!("it is no shared library ({why}); build it with crate-type = [\"cdylib\"]")
    };
    let kind = FileKind::parse(bytes).map_err(|error| no_library(&error))?;
    if kind != FileKind::Elf64 {
        return Err(no_library(&format!("it is {kind:?}, and this host opens 64-bit ELF")));
    }
    let file = object::File::parse(bytes).map_err(|error| no_library(&error))?;
    let (own, other) = (native(), file.architecture());
    if file.format() != BinaryFormat::Elf || own.is_some_and(|own| own != other) {
        return Err(format!(
            "it was built for {other:?}, and this host is {}; build it for this machine",
            std::env::consts::ARCH
        ));
    }
    complete(bytes).map_err(|why| format!("it is damaged or cut off ({why}); copy it again"))
}

/// Whether everything that the headers promise is there.
fn complete(bytes: &[u8]) -> Result<(), String> {
    let wrong = |error: object::Error| error.to_string();
    let header = elf::FileHeader64::<Endianness>::parse(bytes).map_err(wrong)?;
    let endian = header.endian().map_err(wrong)?;
    if header.e_type(endian) != elf::ET_DYN {
        return Err("it is not of the type that can be opened".into());
    }
    for segment in header.program_headers(endian, bytes).map_err(wrong)? {
        segment
            .data(endian, bytes)
            .map_err(|()| "a segment lies beyond the end of the file".to_owned())?;
    }
    for section in header.section_headers(endian, bytes).map_err(wrong)? {
        section.data(endian, bytes).map_err(wrong)?;
    }
    Ok(())
}

/// This machine; `None` where nothing is known to compare with.
fn native() -> Option<Architecture> {
    match std::env::consts::ARCH {
        "x86_64" => Some(Architecture::X86_64),
        "aarch64" => Some(Architecture::Aarch64),
        "riscv64" => Some(Architecture::Riscv64),
        _ => None,
    }
}
