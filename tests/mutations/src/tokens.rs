//! Rust source as a flat list of tokens, each with its place in the source.
//!
//! Two pieces of source have equal tokens when they differ only in comments, doc comments, white space, line breaks and
//! trailing commas.

use std::ops::Range;

use proc_macro2::{Delimiter, LexError, TokenStream, TokenTree};

/// A token: an identifier, a literal, a punctuation character or a bracket.
#[derive(Clone, Debug)]
pub struct Token {
    /// The token as it is written.
    pub text: String,
    /// Its bytes in the source.
    pub range: Range<usize>,
}

/// Splits Rust source into tokens. Brackets must be balanced.
pub fn tokens(source: &str) -> Result<Vec<Token>, LexError> {
    Ok(flatten(source.parse()?))
}

/// Lists the tokens of a stream that was parsed from source.
pub(crate) fn flatten(stream: TokenStream) -> Vec<Token> {
    let mut flat = Vec::new();
    push_all(stream, &mut flat);
    flat
}

/// Finds every run of tokens that equals `wanted`. Returns the bytes from the first token to the last.
pub fn occurrences(tokens: &[Token], wanted: &[Token]) -> Vec<Range<usize>> {
    let ([_, ..], Some(windows)) = (wanted, wanted.len().checked_sub(1)) else {
        return Vec::new();
    };
    let equals = |run: &&[Token]| run.iter().zip(wanted).all(|(token, wanted)| token.text == wanted.text);
    tokens.windows(windows + 1).filter(equals).map(|run| run[0].range.start..run[windows].range.end).collect()
}

fn push_all(stream: TokenStream, flat: &mut Vec<Token>) {
    let mut trees = stream.into_iter().peekable();
    while let Some(tree) = trees.next() {
        if is_punctuation(&tree, '#') {
            let inner = trees.next_if(|next| is_punctuation(next, '!'));
            if trees.next_if(is_doc_comment).is_none() {
                flat.extend([Some(tree), inner].into_iter().flatten().map(|tree| token(&tree)));
            }
        } else if let TokenTree::Group(group) = &tree {
            let (open, close) = brackets(group.delimiter());
            flat.push(Token { text: open.to_owned(), range: group.span_open().byte_range() });
            push_all(group.stream(), flat);
            flat.pop_if(|last| last.text == ",");
            flat.push(Token { text: close.to_owned(), range: group.span_close().byte_range() });
        } else {
            flat.push(token(&tree));
        }
    }
}

fn token(tree: &TokenTree) -> Token {
    Token { text: tree.to_string(), range: tree.span().byte_range() }
}

fn is_punctuation(tree: &TokenTree, character: char) -> bool {
    matches!(tree, TokenTree::Punct(punctuation) if punctuation.as_char() == character)
}

/// A doc comment comes as `#[doc = "…"]`; this is the part in brackets.
fn is_doc_comment(tree: &TokenTree) -> bool {
    let TokenTree::Group(group) = tree else { return false };
    let mut inside = group.stream().into_iter();
    matches!(inside.next(), Some(TokenTree::Ident(name)) if name == "doc")
        && inside.next().is_some_and(|next| is_punctuation(&next, '='))
}

const fn brackets(delimiter: Delimiter) -> (&'static str, &'static str) {
    match delimiter {
        Delimiter::Parenthesis => ("(", ")"),
        Delimiter::Brace => ("{", "}"),
        Delimiter::Bracket => ("[", "]"),
        Delimiter::None => ("", ""),
    }
}
