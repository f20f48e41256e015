//! Where the address and the keys come from.

use crate::user::{User, run, text};

#[tokio::test]
async fn flags_win_over_the_environment_and_that_over_the_profile() {
    let user = User::new().await;
    let (url, key) = (text(&user.state["apiUrl"]).to_owned(), text(&user.state["apiKey"]).to_owned());
    let code = |environment: &[(&str, &str)], arguments: &[&str]| user.run_with(environment, arguments).status.code();
    assert_eq!(code(&[], &["account"]), Some(0));
    assert_eq!(code(&[("POMBO_API_KEY", "wrong")], &["account"]), Some(1));
    assert_eq!(code(&[("POMBO_API_KEY", "wrong")], &["account", "--key", &key]), Some(0));
    assert_eq!(code(&[("POMBO_API_KEY", "")], &["account"]), Some(0), "an empty variable is none");
    user.write_profiles(&format!(
        "[default]\nurl = \"http://127.0.0.1:1\"\n[shop]\nurl = \"{url}/v1/\"\nkey = \"{key}\"\n"
    ));
    assert_eq!(code(&[], &["account", "--profile", "shop"]), Some(0));
    assert_eq!(code(&[("POMBO_PROFILE", "shop")], &["account"]), Some(0));
    assert!(user.is_wrong(&["account", "--profile", "none"]).contains("there is no profile `none`"));
    assert!(user.is_wrong(&["account"]).contains("the API key is missing: pass --key, set POMBO_API_KEY"));
    assert!(user.is_wrong(&["messages", "list", "--key", &key]).contains("the instance is missing: pass --instance"));
    assert!(user.fails(&["account", "--key", &key]).contains("no answer from the API at http://127.0.0.1:1: "));
}

#[tokio::test]
async fn a_profile_that_a_flag_names_is_taken_instead_of_the_environment() {
    let user = User::new().await;
    let (url, key) = (text(&user.state["apiUrl"]), text(&user.state["apiKey"]));
    let (admin_key, instance) = (text(&user.state["adminKey"]), text(&user.state["instanceId"]));
    user.write_profiles(&format!(
        "[shop]\nurl = \"{url}\"\nkey = \"{key}\"\nadmin_key = \"{admin_key}\"\ninstance = \"{instance}\"\n[half]\nurl = \"{url}\"\n"
    ));
    // Another deployment's, as a shell has them that was used for it.
    let other = [
        ("POMBO_URL", "http://127.0.0.1:1"),
        ("POMBO_API_KEY", "other"),
        ("POMBO_ADMIN_KEY", "other"),
        ("POMBO_INSTANCE", "inst_other"),
    ];
    let run = |arguments: &[&str]| {
        let output = user.run_with(&other, arguments);
        (output.status.code(), String::from_utf8(output.stderr).expect("text"))
    };
    for command in [&["account"][..], &["accounts", "list"], &["messages", "list"]] {
        assert_eq!(run(&[command, &["--profile", "shop"]].concat()), (Some(0), String::new()), "{command:?}");
        let (code, said) = run(command);
        assert!(code == Some(1) && said.contains("no answer from the API at http://127.0.0.1:1: "), "{said}");
    }
    assert_eq!(run(&["account", "--profile", "shop", "--key", "wrong"]).0, Some(1), "a flag wins over a profile");
    let (code, said) = run(&["account", "--profile", "half"]);
    assert!(code == Some(2) && said.contains("pass --key, or put `key` into the profile `half` of "), "{said}");
}

#[test]
fn a_mistake_in_the_profiles_is_named_by_its_line_without_the_key() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("config.toml");
    let shown = file.display();
    for (line, field) in [(2, "key = pombo_secret"), (2, "colour = \"pombo_secret\""), (2, "url = [\"pombo_secret\"]")]
    {
        std::fs::write(&file, format!("[default]\n{field}\n")).expect("a file");
        let output = run(&file, &[], &["account"]);
        let said = String::from_utf8(output.stderr).expect("text");
        assert!(
            said.starts_with(&format!("pombo: {shown}, line {line}: ")) && !said.contains("pombo_secret"),
            "{said}"
        );
        assert_eq!(output.status.code(), Some(2));
    }
    std::fs::write(&file, "[default]\nurl = \"pombo_secret\"\nkey = \"http://127.0.0.1\"\n").expect("a file");
    let said = String::from_utf8(run(&file, &[], &["account"]).stderr).expect("text");
    assert!(
        said.contains("`url` of the profile is not the address of an API") && !said.contains("pombo_secret"),
        "{said}"
    );
}
