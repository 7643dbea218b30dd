//! Puts every file of a folder into a commit, and makes the repository if there is none yet.
//!
//! ```text
//! commit_all FOLDER NAME EMAIL MESSAGE
//! ```
//!
//! `examples/quickstart.sh` calls it so that it needs no program beside sigpkg, not even git. It is the same as
//! `git init`, `git config user.name NAME`, `git config user.email EMAIL`, `git add --all`, `git commit -m MESSAGE`.

use std::env;
use std::error::Error;

use git2::{ErrorCode, IndexAddOption, Repository, RepositoryInitOptions};

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = env::args().skip(1).collect();
    let [folder, name, email, message] = arguments.as_slice() else {
        return Err("usage: commit_all FOLDER NAME EMAIL MESSAGE".into());
    };
    let repository = match Repository::open(folder) {
        Ok(repository) => repository,
        Err(error) if error.code() == ErrorCode::NotFound => {
            Repository::init_opts(folder, RepositoryInitOptions::new().initial_head("main"))?
        }
        Err(error) => return Err(error.into()),
    };
    // For the commits that sigpkg makes in this repository.
    let mut config = repository.config()?;
    config.set_str("user.name", name)?;
    config.set_str("user.email", email)?;

    let mut index = repository.index()?;
    index.add_all(["*"], IndexAddOption::DEFAULT, None)?;
    index.update_all(["*"], None)?;
    index.write()?;
    let tree = repository.find_tree(index.write_tree()?)?;
    let author = repository.signature()?;
    let parent = match repository.head() {
        Ok(head) => Some(head.peel_to_commit()?),
        Err(error) if error.code() == ErrorCode::UnbornBranch => None,
        Err(error) => return Err(error.into()),
    };
    let parents: Vec<_> = parent.iter().collect();
    repository.commit(Some("HEAD"), &author, &author, message, &tree, &parents)?;
    Ok(())
}
